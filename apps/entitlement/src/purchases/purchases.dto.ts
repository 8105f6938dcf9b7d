// Purchases as stores and customer support send them and are answered.
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { CONTENT_ID } from '../catalog/content.js';
import { ExternalId, Integer, Moment, Text, UserId } from '../field-rules.js';
import { Schema } from '../openapi/documentation.js';
import { FieldErrorAnswer } from '../openapi/problem.dto.js';
import { REVOCATION_REASONS, type RevocationReason } from './purchase.js';

/** The order of a rental, for the examples of the API's document. */
export const EXAMPLE_ORDER = {
  userId: 'frank',
  contentId: 'sintel',
  type: 'rental',
  version: 1,
  purchasedAt: '2026-11-21T10:00:00Z',
  periodEndsAt: '2036-12-21T10:00:00Z',
  playDurationSeconds: 172_800,
};

/** The purchase that it made. */
export const EXAMPLE_PURCHASE = {
  id: 'd7698273-e498-41bd-a892-731a389b85fe',
  externalId: 'order-1001',
  ...EXAMPLE_ORDER,
  purchasedAt: '2026-11-21T10:00:00.000Z',
  periodEndsAt: '2036-12-21T10:00:00.000Z',
  firstPlayAt: null,
  firstPlayResetId: null,
  revokedAt: null,
  revocationReason: null,
  revocationVersion: 0,
};

/** The part of the address that names a purchase; also one with an id that new ones may not have. */
export class PurchasePath {
  /**
   * The store's own id of the purchase.
   * @example order-1001
   */
  @Text(1, 255)
  externalId!: string;
}

/** Gives a purchase back. */
export class ReinstatementRequest {
  /** From 1; revocations and reinstatements of a purchase share one sequence. */
  @Integer(1, Number.MAX_SAFE_INTEGER)
  version!: number;
}

/** Takes a purchase back. */
export class RevocationRequest extends ReinstatementRequest {
  /** Why it is taken back. */
  @IsIn([...REVOCATION_REASONS], { message: `must be one of ${REVOCATION_REASONS.join(', ')}` })
  reason!: RevocationReason;

  /** When the store took it back, for the record; otherwise the moment the event arrives. */
  @IsOptional()
  @Moment()
  revokedAt?: string | null;
}

/** Takes a rental's first play back. */
export class FirstPlayResetRequest {
  /** The caller's own id of this reset. */
  @Text(1, 255)
  id!: string;

  /** Why, for people. */
  @Text(1, 500)
  reason!: string;
}

/** How an import is asked for. */
export class PurchaseImportQuery {
  /** Whether every line is reported, or only the ones that went wrong. */
  @IsOptional()
  @IsIn(['all', 'problems'])
  report: 'all' | 'problems' = 'all';

  /** The number of the first line, for an import that is resumed. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value,
  )
  @Integer(1, 999_999_999_999_999)
  firstLine: number = 1;

  /** Whether everything is checked and reported as if it were written, and nothing is written. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean({ message: 'must be true or false' })
  dryRun: boolean = false;
}

@Schema({ name: 'Purchase', description: 'A purchase: what the store said last, and what has become of it.' })
export class PurchaseAnswer {
  /** The service's own id; the ledger has it. */
  @Schema({ format: 'uuid' })
  id!: string;

  /** The store's own id of the purchase; not `.` or `..`. */
  @ExternalId()
  externalId!: string;

  /** The subject of the player's bearer token; not `*`. */
  @UserId()
  userId!: string;

  /** The title. */
  @Schema({ pattern: CONTENT_ID.source })
  contentId!: string;

  /** Sold or rented. */
  type!: 'buy-to-own' | 'rental';

  /** When it was sold. */
  purchasedAt!: Date;

  /** The last moment of the rental, or to start it, as the deployment has it. */
  periodEndsAt!: Date | null;

  /** How long after the first play it may be played. */
  @Schema({ minimum: 1 })
  playDurationSeconds!: number | null;

  /** The store's version of this order: it grows with every change of it. */
  @Integer(1, Number.MAX_SAFE_INTEGER)
  version!: number;

  /** When the rental's first token was issued. */
  firstPlayAt!: Date | null;

  /** The id of the last reset of the first play. */
  firstPlayResetId!: string | null;

  /** When it was taken back; null while it stands. */
  revokedAt!: Date | null;

  /** Why it was taken back. */
  revocationReason!: RevocationReason | null;

  /** The version of the last revocation or reinstatement; 0 without one. */
  @Schema({ minimum: 0 })
  revocationVersion!: number;
}

/** What the store's last revocation, or its undoing, made of a purchase. */
export type RevocationState = Pick<PurchaseAnswer, 'revokedAt' | 'revocationReason' | 'revocationVersion'>;

class Event {
  /** The store's own id of the purchase; not `.` or `..`. */
  @ExternalId()
  externalId!: string;
}

const EVENT_ANSWER = { description: 'What became of the event, and the purchase as it is now.' };

@Schema(EVENT_ANSWER)
export class OrderAnswer extends Event {
  /** What became of the event. */
  outcome!: 'created' | 'updated' | 'unchanged' | 'stale';

  purchase!: PurchaseAnswer;
}

@Schema(EVENT_ANSWER)
export class PurchaseEventAnswer extends Event {
  /** What became of the event. */
  outcome!: 'updated' | 'unchanged' | 'stale' | 'early';

  /** Null while there is none. */
  purchase!: PurchaseAnswer | null;
}

@Schema(EVENT_ANSWER)
export class FirstPlayResetAnswer extends Event {
  /** What became of the event. */
  outcome!: 'updated' | 'unchanged';

  purchase!: PurchaseAnswer;
}

/** Any of these. */
export interface EventAnswer extends Event {
  outcome: 'created' | 'updated' | 'unchanged' | 'stale' | 'early';
  purchase: PurchaseAnswer | null;
}

/** How an import ended. */
@Schema({ description: 'How the import ended.' })
export class ImportSummary {
  /** Whether the whole body has been worked on; otherwise the import is to be resumed. */
  complete!: boolean;

  /** Of a dry run, which has written nothing. */
  @Schema({ const: true })
  dryRun?: true;

  /** Why it ended early. */
  reason?: 'shutting-down' | 'service-unavailable' | 'internal-error';

  /** Lines worked on, blank ones left out. */
  @Schema({ minimum: 0 })
  lines!: number;

  /** Purchases made. */
  @Schema({ minimum: 0 })
  created!: number;

  /** Purchases changed. */
  @Schema({ minimum: 0 })
  updated!: number;

  /** Lines that were known. */
  @Schema({ minimum: 0 })
  unchanged!: number;

  /** Lines of a lower version. */
  @Schema({ minimum: 0 })
  stale!: number;

  /** Lines that were refused. */
  @Schema({ minimum: 0 })
  errors!: number;

  /** The number of the last line worked on: to resume, send what follows it. */
  @Schema({ minimum: 0 })
  lastLine!: number;
}

@Schema({ inline: true, description: 'A line that was applied.' })
class AppliedLine {
  /** The number of the line. */
  @Schema({ minimum: 1 })
  line!: number;

  /** The store's own id of the purchase. */
  externalId!: string;

  /** What became of it. */
  outcome!: 'created' | 'updated' | 'unchanged' | 'stale';
}

@Schema({ inline: true, description: 'A line that was refused.' })
export class RefusedLine {
  /** The number of the line. */
  @Schema({ minimum: 1 })
  line!: number;

  /** The store's own id of the purchase. */
  externalId?: string;

  @Schema({ const: 'error' })
  outcome!: string;

  /** Everything that is wrong, by field. */
  errors!: FieldErrorAnswer[];
}

@Schema({ inline: true, description: 'How far it is.' })
class Progress {
  /** The last line that is committed. */
  @Schema({ minimum: 0 })
  lastLine!: number;
}

@Schema({ inline: true, description: 'With `report=problems`, after every chunk.' })
class ProgressLine {
  progress!: Progress;
}

@Schema({ inline: true, description: 'The last line.' })
class SummaryLine {
  summary!: ImportSummary;
}

@Schema({ description: 'A line of the report.', oneOf: [AppliedLine, RefusedLine, ProgressLine, SummaryLine] })
export abstract class ImportReportLine {}
