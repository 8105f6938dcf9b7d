// Reads what a decision needs, in one round trip: the title with its policy and key, and the user's purchases of it.
import { Injectable } from '@nestjs/common';
import { Prisma, PrismaService } from '@app/platform/database';
import type { Content, OutputPolicy, StoredContentKey } from '../catalog/content.js';
import type { Purchase } from '../purchases/purchase.js';
import { purchaseOf, type PurchaseColumns } from './purchase.columns.js';

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

@Injectable()
export class EntitlementRepository {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * @param reservation reserves a token, if the user has any purchase of the title that stands
   * @returns undefined when there is no such content
   * @throws DatabaseUnavailableError
   */
  async find(userId: string, contentId: string, reservation?: TokenReservation): Promise<EntitlementFacts | undefined> {
    // Plain SQL, because this is the hot path: one statement costs less than half of what a relation query does.
    const rows = await this.prisma.client.$queryRaw<Row[]>(decisionQuery(userId, contentId, reservation));
    const [first] = rows;
    if (first === undefined) return undefined;
    return { content: contentOf(first), purchases: purchasesOf(rows), limitedUntil: first.limitedUntil };
  }
}

type Row = Omit<Content, 'outputPolicy' | 'key'> &
  OutputPolicy &
  KeyColumns &
  Omit<PurchaseColumns, 'purchaseId'> & { purchaseId: string | null } & Pick<EntitlementFacts, 'limitedUntil'>;

interface KeyColumns {
  kekId: string | null;
  ek: Uint8Array | null;
}

/**
 * The one statement of a decision, which `bench/decision.ts` explains and measures: the title's row once for each of the
 * user's purchases of it, the oldest first; once, with no purchase, where there is none.
 * @param reservation reserves a token, if the user has any purchase of the title that stands
 */
export function decisionQuery(userId: string, contentId: string, reservation?: TokenReservation): Prisma.Sql {
  return Prisma.sql`
    SELECT c.id, c.kid, c.iv, c.available_from AS "availableFrom", c.withdrawn_at AS "withdrawnAt",
           o.analog_video_opl AS "analogVideoOpl",
           o.compressed_digital_audio_opl AS "compressedDigitalAudioOpl",
           o.compressed_digital_video_opl AS "compressedDigitalVideoOpl",
           o.uncompressed_digital_audio_opl AS "uncompressedDigitalAudioOpl",
           o.uncompressed_digital_video_opl AS "uncompressedDigitalVideoOpl",
           o.unknown_output_behavior AS "unknownOutputBehavior",
           o.output_control_flags AS "outputControlFlags",
           o.offline_allowed AS "offlineAllowed",
           o.widevine_security_level AS "widevineSecurityLevel", o.widevine_hdcp AS "widevineHdcp",
           o.extensions, o.additional_parameters AS "additionalParameters",
           k.kek_id AS "kekId", k.ek,
           p.id AS "purchaseId", p.revoked_at AS "revokedAt",
           p.period_ends_at AS "periodEndsAt", p.play_duration_seconds AS "playDurationSeconds",
           p.first_play_at AS "firstPlayAt", p.version, p.first_play_reset_id AS "firstPlayResetId",
           ${limitedUntil(userId, contentId, reservation)} AS "limitedUntil"
    FROM content c
    JOIN output_policy o ON o.name = c.output_policy_name
    LEFT JOIN content_key k ON k.content_id = c.id
    LEFT JOIN purchase p ON p.content_id = c.id AND p.user_id = ${userId}
    WHERE c.id = ${contentId}
    ORDER BY p.purchased_at, p.id`;
}

/** A subquery, because it has to be evaluated once and not for every purchase. */
function limitedUntil(userId: string, contentId: string, reservation?: TokenReservation): Prisma.Sql {
  if (reservation === undefined) return Prisma.sql`NULL::timestamptz`;
  const { issuanceId, at, limits } = reservation;
  return Prisma.sql`(SELECT reserve_token(${issuanceId}::char(32), ${userId}, ${contentId}, ${at}::timestamptz,
    make_interval(secs => ${limits.windowSeconds}), ${limits.perUser}::int, ${limits.perTitle}::int,
    make_interval(secs => ${limits.reservationSeconds})))`;
}

function contentOf(row: Row): Content {
  const { id, kid, iv, availableFrom, withdrawnAt } = row;
  return { id, kid, iv, availableFrom, withdrawnAt, outputPolicy: outputPolicyOf(row), key: keyOf(row) };
}

function outputPolicyOf(row: Row): OutputPolicy {
  return {
    analogVideoOpl: row.analogVideoOpl,
    compressedDigitalAudioOpl: row.compressedDigitalAudioOpl,
    compressedDigitalVideoOpl: row.compressedDigitalVideoOpl,
    uncompressedDigitalAudioOpl: row.uncompressedDigitalAudioOpl,
    uncompressedDigitalVideoOpl: row.uncompressedDigitalVideoOpl,
    unknownOutputBehavior: row.unknownOutputBehavior,
    outputControlFlags: row.outputControlFlags,
    offlineAllowed: row.offlineAllowed,
    widevineSecurityLevel: row.widevineSecurityLevel,
    widevineHdcp: row.widevineHdcp,
    extensions: row.extensions,
    additionalParameters: row.additionalParameters,
  };
}

function keyOf({ kekId, ek }: KeyColumns): StoredContentKey | null {
  if (kekId === null) return null;
  return ek === null ? { source: 'key-storage', kekId } : { source: 'wrapped', kekId, ek };
}

/** A title that the user never bought has one row, without a purchase. */
function purchasesOf(rows: readonly Row[]): Purchase[] {
  return rows.flatMap((row) => (hasPurchase(row) ? [purchaseOf(row)] : []));
}

function hasPurchase(row: Row): row is Row & PurchaseColumns {
  return row.purchaseId !== null;
}
