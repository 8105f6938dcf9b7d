// A token that was bought and could not be written to the ledger: as a line of the log has it, and read back from there.
import { IsBoolean, IsIn, IsOptional, validateSync } from 'class-validator';
import { type FieldError, fieldErrors } from '@app/platform/problems';
import { CONTENT_ID, CONTENT_ID_RULE, DRMS, type Drm } from '../catalog/content.js';
import { Integer, Moment, Pattern, Text, UserId } from '../field-rules.js';
import type { Rights } from '../license-tokens/rights.js';
import { parseMoment } from '../moment.js';
import type { IssuanceBase } from './issuance.js';

/** The message of the line. */
export const UNWRITTEN = 'a token was bought and could not be written to the ledger';

/** All that its row holds. Nobody was given the token, so it has started no clock. */
export interface UnwrittenToken extends IssuanceBase {
  purchase: { id: string };
  rights: Rights;
  /** Absent where it was thrown away. */
  tokenExpiresAt?: Date | undefined;
  /** Why it was thrown away; absent for one that was to be delivered. */
  reason?: 'purchase-changed' | undefined;
  durationMs: number;
}

/** The fields of the line, under no name that the log redacts. */
class UnwrittenLine {
  @Pattern(/^[0-9a-f]{32}$/, 'must be 32 hex digits in lower case')
  issuanceId!: string;

  @Text(1, 255)
  requestId!: string;

  @UserId()
  userId!: string;

  @Pattern(CONTENT_ID, CONTENT_ID_RULE)
  contentId!: string;

  @Pattern(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be a UUID in lower case')
  purchaseId!: string;

  @IsIn(DRMS, { message: `must be one of ${DRMS.join(', ')}` })
  drm!: Drm;

  @IsBoolean({ message: 'must be true or false' })
  offline!: boolean;

  @IsOptional()
  @IsIn(['purchase-changed'], { message: 'must be purchase-changed, or not be there' })
  reason?: 'purchase-changed' | undefined;

  @IsIn(['buy-to-own', 'rental'], { message: 'must be one of buy-to-own, rental' })
  rightsType!: Rights['type'];

  @IsOptional()
  @Moment()
  rightsEndAt?: string | undefined;

  @IsOptional()
  @Integer(1, 2_147_483_647)
  playDurationSeconds?: number | undefined;

  @IsBoolean({ message: 'must be true or false' })
  persistent!: boolean;

  @IsOptional()
  @Moment()
  tokenExpiresAt?: string | undefined;

  @Moment()
  decidedAt!: string;

  @Integer(0, 2_147_483_647)
  durationMs!: number;
}

/** What the line says beside its message. */
export function unwrittenFacts({ id: issuanceId, purchase, rights, ...row }: UnwrittenToken): object {
  const line: UnwrittenLine = {
    issuanceId,
    requestId: row.requestId,
    userId: row.userId,
    contentId: row.contentId,
    purchaseId: purchase.id,
    drm: row.drm,
    offline: row.offline,
    reason: row.reason,
    rightsType: rights.type,
    rightsEndAt: rights.endsAt?.toISOString(),
    playDurationSeconds: rights.playDurationSeconds ?? undefined,
    persistent: rights.persistent,
    tokenExpiresAt: row.tokenExpiresAt?.toISOString(),
    decidedAt: row.decidedAt.toISOString(),
    durationMs: row.durationMs,
  };
  return line;
}

const VALUES_UNSAID = { validationError: { target: false, value: false } };

/** Reads the fields of a line back, whatever else it says. @returns otherwise what is wrong with them */
export function readUnwritten(value: object): UnwrittenToken | FieldError[] {
  const line = Object.assign(new UnwrittenLine(), value);
  const errors = fieldErrors(validateSync(line, VALUES_UNSAID));
  if (errors.length > 0) return errors;
  const { issuanceId: id, purchaseId, rightsType, rightsEndAt, playDurationSeconds, persistent, tokenExpiresAt } = line;
  const { requestId, userId, contentId, drm, offline, decidedAt, durationMs, reason } = line;
  const rights = {
    type: rightsType,
    endsAt: momentOf(rightsEndAt),
    playDurationSeconds: playDurationSeconds ?? null,
    persistent,
  };
  if (!areRights(rights)) return [{ field: 'rightsType', message: RIGHTS_RULE }];
  const expires = momentOf(tokenExpiresAt) ?? undefined;
  if (reason !== 'purchase-changed' && expires === undefined)
    return [{ field: 'tokenExpiresAt', message: 'is missing' }];
  const row = { id, requestId, userId, contentId, drm, offline, decidedAt: new Date(decidedAt), durationMs, rights };
  return { ...row, purchase: { id: purchaseId }, tokenExpiresAt: expires, reason: reason ?? undefined };
}

const RIGHTS_RULE = 'must be rental with rightsEndAt and playDurationSeconds, or buy-to-own';

function areRights(rights: {
  type: string;
  endsAt: Date | null;
  playDurationSeconds: number | null;
}): rights is Rights {
  // A licence that an owner keeps may have an end, or a duration, or both.
  return rights.type === 'buy-to-own' || (rights.endsAt !== null && rights.playDurationSeconds !== null);
}

function momentOf(text: string | null | undefined): Date | null {
  return (text && parseMoment(text)) || null;
}
