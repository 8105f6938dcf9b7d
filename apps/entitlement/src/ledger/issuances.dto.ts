// What may be asked of the ledger with `GET /v1/admin/issuances`, and is answered.
import { Transform, Type } from 'class-transformer';
import { IsDate, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { CONTENT_ID, type Drm } from '../catalog/content.js';
import { Text } from '../field-rules.js';
import { MOMENT_RULE, parseMoment } from '../moment.js';
import { Schema } from '../openapi/documentation.js';
import { REFUSALS } from './issuance.js';

/** Reads a moment; a text that is none becomes an invalid date, which is refused by name. */
const Moment = (): PropertyDecorator =>
  Transform(
    ({ value }: { value: unknown }) => (typeof value === 'string' ? parseMoment(value) : undefined) ?? new Date(NaN),
  );

/** Rows that meet all of what is given, the newest first. */
export class IssuancesQuery {
  /** Rows of this user. */
  @IsOptional()
  @Text(1, 255)
  user?: string;

  /** Rows of this title. */
  @IsOptional()
  @Text(1, 128)
  content?: string;

  /** Rows that the purchase with this order id of the store decided. */
  @IsOptional()
  @Text(1, 255)
  purchase?: string;

  /** The row with this id, as it stands in ExpressPlay's redemption log. */
  @IsOptional()
  @Matches(/^[0-9a-f]{32}$/, { message: 'must be 32 hex digits' })
  cookie?: string;

  /** The first moment. */
  @IsOptional()
  @Moment()
  @IsDate({ message: MOMENT_RULE })
  from?: Date;

  /** The moment after the last. */
  @IsOptional()
  @Moment()
  @IsDate({ message: MOMENT_RULE })
  to?: Date;

  /** `nextCursor` of the page before this. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  cursor?: string;

  /** Most rows of the page. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;
}

/** What a row may say was decided. */
export const LEDGER_DECISIONS = ['granted', 'denied', 'failed', 'first-play-reset'] as const;
export type LedgerDecision = (typeof LEDGER_DECISIONS)[number];

@Schema({
  name: 'Issuance',
  description: 'A row of the ledger: who asked for what, what was decided and why, what ExpressPlay said.',
})
export class LedgerEntry {
  /** The row of the ledger; ExpressPlay’s redemption log has it as the cookie. */
  @Schema({ pattern: '^[0-9a-f]{32}$' })
  id!: string;

  /** Who asked: the subject of the bearer token. */
  userId!: string;

  /** The title. */
  @Schema({ pattern: CONTENT_ID.source })
  contentId!: string;

  /** The store's order id of the purchase that decided. */
  purchase!: string | null;

  /** The DRM; null for a reset of a first play. */
  drm!: Drm | null;

  /** Whether a licence to keep was asked for. */
  offline!: boolean;

  /** What was decided. */
  decision!: LedgerDecision;

  /** Why not; null when granted, and for resets. */
  @Schema({ enum: Object.keys(REFUSALS) })
  reason!: string | null;

  /** The kind of right; null when denied. */
  rightsType!: 'buy-to-own' | 'rental' | null;

  /** When the rights end. */
  rightsEndAt!: Date | null;

  /** Seconds to play. */
  playDurationSeconds!: number | null;

  /** Whether the licence may be stored. */
  persistent!: boolean | null;

  /** Until when the token could be redeemed. */
  tokenExpiresAt!: Date | null;

  /** Whether this token started the rental's clock. */
  firstPlay!: boolean;

  /** The event code ExpressPlay refused with. */
  expressPlayCode!: number | null;

  /** The id of the request, as the log has it. */
  requestId!: string;

  /** When it was decided. */
  decidedAt!: Date;

  /** From the decision to the ledger, in milliseconds. */
  @Schema({ minimum: 0 })
  durationMs!: number;

  /** Who took a first play back. */
  actor!: string | null;

  /** Why a first play was taken back. */
  note!: string | null;
}

@Schema({ description: 'A page of the ledger, the newest row first.' })
export class IssuancesPage {
  /** The rows. */
  issuances!: LedgerEntry[];

  /** Asks for the page after this one, as `cursor`; null on the last page. */
  nextCursor!: string | null;
}
