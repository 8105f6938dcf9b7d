// The one statement of a decision: the title with its policy and keys, the user's purchases of it, and a token reserved.
import { Prisma } from '@app/platform/database';
import { type Content, storedKey, type TrackKey } from '../catalog/content.js';
import type { Purchase } from '../purchases/purchase.js';

/** All that a decision looks at. */
export interface EntitlementFacts {
  content: Content;
  /** The user's purchases of this title, the oldest first. */
  purchases: Purchase[];
  /** When a token may be bought again, where a limit on spending is met; null when none is, or none was asked for. */
  limitedUntil: Date | null;
}

/** A token to be reserved with the decision, so that the limits on spending hold for all replicas together. */
export interface TokenReservation {
  issuanceId: string;
  /** The moment of the decision. */
  at: Date;
  limits: SpendingLimits;
}

/** Limits on the tokens that may be bought in a window. */
export interface SpendingLimits {
  windowSeconds: number;
  /** For one user. */
  perUser: number;
  /** For one user and one title. */
  perTitle: number;
  /** How long a token that was reserved and not written to the ledger counts as being bought. */
  reservationSeconds: number;
}

/** What is asked for one decision. */
export interface Question {
  userId: string;
  contentId: string;
  reservation?: TokenReservation;
}

/** The columns of a purchase that a decision looks at, by the names that queries give them. */
export interface PurchaseColumns {
  /** Null where the user never bought the title. */
  purchaseId: string | null;
  revokedAt: Date | null;
  periodEndsAt: Date | null;
  playDurationSeconds: number | null;
  firstPlayAt: Date | null;
  version: bigint;
  firstPlayResetId: string | null;
}

export type DecisionRow = Omit<Content, 'keys'> &
  PurchaseColumns &
  Pick<EntitlementFacts, 'limitedUntil'> & { keys: KeyRow[] };

/** A key as JSON has it. */
type KeyRow = Omit<TrackKey, 'key'> & {
  kekId: string | null;
  /** In base64. */
  ek: string | null;
};

/** An output policy as JSON, by the names it has here. No column may be named as the row is: it would be taken instead. */
const POLICY = Prisma.sql`(
  SELECT to_jsonb(policy_row) FROM (
    SELECT o.analog_video_opl AS "analogVideoOpl",
           o.compressed_digital_audio_opl AS "compressedDigitalAudioOpl",
           o.compressed_digital_video_opl AS "compressedDigitalVideoOpl",
           o.uncompressed_digital_audio_opl AS "uncompressedDigitalAudioOpl",
           o.uncompressed_digital_video_opl AS "uncompressedDigitalVideoOpl",
           o.unknown_output_behavior AS "unknownOutputBehavior",
           o.output_control_flags AS "outputControlFlags",
           o.offline_allowed AS "offlineAllowed", o.offline_license_seconds AS "offlineLicenseSeconds",
           o.playready_min_cert_security_level AS "playreadyMinCertSecurityLevel",
           o.widevine_security_level AS "widevineSecurityLevel", o.widevine_hdcp AS "widevineHdcp",
           o.extensions, o.additional_parameters AS "additionalParameters"
  ) AS policy_row)`;

/** Policy and keys of a title `c`, one value each, so that they do not multiply with its purchases. */
const POLICY_AND_KEYS = Prisma.sql`
    JOIN LATERAL (SELECT ${POLICY} AS policy FROM output_policy o WHERE o.name = c.output_policy_name) o ON true
    CROSS JOIN LATERAL (
      SELECT coalesce(jsonb_agg(jsonb_build_object('kid', k.kid, 'tracks', k.tracks, 'iv', k.iv, 'kekId', k.kek_id,
        'ek', encode(k.ek, 'base64'), 'outputPolicy', CASE WHEN o.name IS NOT NULL THEN ${POLICY} END) ORDER BY k.position), '[]') AS keys
      FROM content_key k LEFT JOIN output_policy o ON o.name = k.output_policy_name
      WHERE k.content_id = c.id
    ) k`;

const COLUMNS = Prisma.sql`c.id, c.protection_scheme AS "protectionScheme",
           c.available_from AS "availableFrom", c.withdrawn_at AS "withdrawnAt", o.policy AS "outputPolicy", k.keys,
           p.id AS "purchaseId", p.revoked_at AS "revokedAt",
           p.period_ends_at AS "periodEndsAt", p.play_duration_seconds AS "playDurationSeconds",
           p.first_play_at AS "firstPlayAt", p.version, p.first_play_reset_id AS "firstPlayResetId"`;

/**
 * The one statement of a decision, which `test/query-plans.e2e-spec.ts` explains: the title's row once for each of the
 * user's purchases of it, the oldest first; once, with no purchase, where there is none.
 * @param reservation reserves a token, if the user has any purchase of the title that stands
 */
export function decisionQuery({ userId, contentId, reservation }: Question): Prisma.Sql {
  return Prisma.sql`
    SELECT ${COLUMNS}, ${limitedUntil(userId, contentId, reservation)} AS "limitedUntil"
    FROM content c
    ${POLICY_AND_KEYS}
    LEFT JOIN purchase p ON p.content_id = c.id AND p.user_id = ${userId}
    WHERE c.id = ${contentId}
    ORDER BY p.purchased_at, p.id`;
}

/**
 * The same for several questions. It waits for nobody: where another token of a user is being reserved, which `reserve_token` would
 * wait for, nothing is reserved, and the question is to be asked alone. Each title and each user's purchases of it are looked up
 * by their index (OFFSET 0), and a purchase's title is a range of one, so that this is never the index of titles alone: one of them
 * may have a million purchases.
 */
export function decisionsQuery(questions: readonly Question[]): Prisma.Sql {
  const asked = questions.map(({ userId, contentId, reservation }, index) => ({
    index,
    user_id: userId,
    content_id: contentId,
    issuance_id: reservation?.issuanceId,
    at: reservation?.at,
    ...reservation?.limits,
  }));
  return Prisma.sql`
    WITH asked AS MATERIALIZED (
      SELECT *, issuance_id IS NULL OR pg_try_advisory_xact_lock(hashtextextended(user_id, 0)) AS is_free
      FROM json_to_recordset(${JSON.stringify(asked)}::json) AS asked(index int, user_id text, content_id text,
        issuance_id char(32), at timestamptz, "windowSeconds" int, "perUser" int, "perTitle" int, "reservationSeconds" int)
    ), reserved AS MATERIALIZED (
      SELECT *, CASE WHEN is_free AND issuance_id IS NOT NULL THEN reserve_token(issuance_id, user_id, content_id, at,
        make_interval(secs => "windowSeconds"), "perUser", "perTitle", make_interval(secs => "reservationSeconds")) END AS limited_until
      FROM asked
    )
    SELECT r.index, r.is_free AS "isFree", r.limited_until AS "limitedUntil", ${COLUMNS}
    FROM reserved r
    CROSS JOIN LATERAL (SELECT * FROM content WHERE content.id = r.content_id OFFSET 0) c
    ${POLICY_AND_KEYS}
    LEFT JOIN LATERAL (
      SELECT * FROM purchase
      WHERE purchase.user_id = r.user_id AND purchase.content_id BETWEEN r.content_id AND r.content_id OFFSET 0
    ) p ON true
    ORDER BY r.index, p.purchased_at, p.id`;
}

/** A subquery, because it has to be evaluated once and not for every purchase. */
function limitedUntil(userId: string, contentId: string, reservation?: TokenReservation): Prisma.Sql {
  if (reservation === undefined) return Prisma.sql`NULL::timestamptz`;
  const { issuanceId, at, limits } = reservation;
  return Prisma.sql`(SELECT reserve_token(${issuanceId}::char(32), ${userId}, ${contentId}, ${at}::timestamptz,
    make_interval(secs => ${limits.windowSeconds}), ${limits.perUser}::int, ${limits.perTitle}::int,
    make_interval(secs => ${limits.reservationSeconds})))`;
}

/** @returns undefined when there is no such content */
export function factsOf(rows: readonly DecisionRow[]): EntitlementFacts | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const { id, protectionScheme, availableFrom, withdrawnAt, outputPolicy, limitedUntil: until } = first;
  const content = { id, protectionScheme, availableFrom, withdrawnAt, outputPolicy, keys: first.keys.map(trackKey) };
  return { content, purchases: rows.flatMap(purchasesOf), limitedUntil: until };
}

function trackKey({ kekId, ek, ...others }: KeyRow): TrackKey {
  return { ...others, key: storedKey(kekId, ek === null ? null : Buffer.from(ek, 'base64')) };
}

/** The purchase of a row, if there is one. The database holds rental terms for rentals, and for them alone. */
export function purchasesOf(row: PurchaseColumns): Purchase[] {
  const { purchaseId: id, revokedAt, periodEndsAt, playDurationSeconds, firstPlayAt, version, firstPlayResetId } = row;
  if (id === null) return [];
  if (periodEndsAt === null || playDurationSeconds === null) return [{ type: 'buy-to-own', id, revokedAt }];
  return [{ type: 'rental', id, revokedAt, periodEndsAt, playDurationSeconds, firstPlayAt, version, firstPlayResetId }];
}
