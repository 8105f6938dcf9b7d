// What a player may ask of `GET /v1/entitlements` and below, and is answered.
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { CONTENT_ID, CONTENT_ID_RULE } from '../catalog/content.js';
import { Pattern } from '../field-rules.js';
import { momentText } from '../moment.js';
import { Schema } from '../openapi/documentation.js';
import type { Purchase } from '../purchases/purchase.js';
import type { DenialReason, Entitlement } from './entitlement.rules.js';
import { rentalEnd, secondsLeft, type RentalEndRule } from './rental.rules.js';

/** A page of the list. */
export class EntitlementsQuery {
  /** `nextCursor` of the page before this. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  cursor?: string;

  /** Most titles of the page. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 50;
}

/** The title in the path. */
export class EntitlementPath {
  /**
   * The title.
   * @example sintel
   */
  @Pattern(CONTENT_ID, CONTENT_ID_RULE)
  contentId!: string;
}

/** Rights, in the words of the players' API. Moments are RFC 3339 in `Z`, in whole seconds, rounded down. */
@Schema({ description: 'What the purchase allows as it stands.' })
export class StandingRights {
  /** Bought or rented. */
  type!: 'buy-to-own' | 'rental';

  /** When a started rental ends, or until when one that is not may be started; null for what was bought. */
  @Schema({ format: 'date-time' })
  endsAt!: string | null;

  /** Seconds left of a started rental, or those that one will have once it is started. */
  @Schema({ minimum: 1 })
  playDurationSeconds!: number | null;

  /** Whether a rental's clock runs. */
  started!: boolean;

  /** When it was started; absent if it was not. */
  @Schema({ format: 'date-time' })
  firstPlayAt?: string;
}

@Schema({ name: 'Entitled', description: 'The caller may play the title now.' })
export class GrantedAnswer {
  /** The title. */
  @Schema({ pattern: CONTENT_ID.source })
  contentId!: string;

  @Schema({ const: true })
  entitled!: true;

  rights!: StandingRights;
}

@Schema({ name: 'NotEntitled', description: 'The caller may not play the title now.' })
export class DeniedAnswer {
  /** The title. */
  @Schema({ pattern: CONTENT_ID.source })
  contentId!: string;

  @Schema({ const: false })
  entitled!: false;

  /** Of several reasons the one closest to being entitled. */
  reason!: DenialReason;
}

@Schema({
  name: 'Entitlement',
  description: 'Whether the caller may play the title now, with what rights, or why not.',
  oneOf: [GrantedAnswer, DeniedAnswer],
})
export abstract class EitherAnswer {}

/** The answer of `GET /v1/entitlements/{contentId}`. */
export type EntitlementAnswer = GrantedAnswer | DeniedAnswer;

@Schema({ description: 'A title that the caller may play now.' })
export class PlayableTitle extends GrantedAnswer {
  /** The name of the title, for people. */
  title!: string;
}

@Schema({ description: 'A page of titles, by content id.' })
export class EntitlementsPage {
  /** There may be fewer than `limit`, even none, and another page. */
  entitlements!: PlayableTitle[];

  /** Asks for the page after this one, as `cursor`; null on the last page. */
  nextCursor!: string | null;
}

/** Writes the answer for a decision taken at `at`. */
export function entitlementAnswer(
  contentId: string,
  entitlement: Entitlement,
  at: Date,
  rule: RentalEndRule,
): EntitlementAnswer {
  if (!entitlement.entitled) return { contentId, entitled: false, reason: entitlement.reason };
  return { contentId, entitled: true, rights: standingRights(entitlement.purchase, at, rule) };
}

/** The rights of a purchase that is live at `at`. */
export function standingRights(purchase: Purchase, at: Date, rule: RentalEndRule): StandingRights {
  const { type } = purchase;
  if (type === 'buy-to-own') return { type, endsAt: null, playDurationSeconds: null, started: false };
  const { playDurationSeconds: terms, firstPlayAt } = purchase;
  const endsAt = momentText(rentalEnd(purchase, rule));
  if (firstPlayAt === null) return { type, endsAt, playDurationSeconds: terms, started: false };
  const playDurationSeconds = secondsLeft(purchase, at, rule);
  return { type, endsAt, playDurationSeconds, started: true, firstPlayAt: momentText(firstPlayAt) };
}
