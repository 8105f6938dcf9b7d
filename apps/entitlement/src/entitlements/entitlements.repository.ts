// Reads what the rules are asked about: for a decision a title with its policy and key and the user's purchases of it, for a list the
// titles that a user may be able to play.
import { Injectable } from '@nestjs/common';
import type { Budget } from '@app/platform/clock';
import { ALONE, Prisma, PrismaService, type RoundTrips, SharedRoundTrips } from '@app/platform/database';
import { type Content, type OutputPolicy, storedKey } from '../catalog/content.js';
import type { Purchase } from '../purchases/purchase.js';
import type { Availability } from './entitlement.rules.js';

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
interface Question {
  userId: string;
  contentId: string;
  reservation?: TokenReservation;
}

/** A title that can be played now, and the user's purchases of it that may still entitle to it. */
export interface CandidateTitle extends Availability {
  contentId: string;
  title: string;
  /** The oldest first, at least one. */
  purchases: Purchase[];
}

/** Which candidates: at most `limit`, after the content id `after`, at the moment asked about. */
export interface CandidateTitles {
  userId: string;
  at: Date;
  after?: string;
  limit: number;
}

@Injectable()
export class EntitlementsRepository {
  /** What only reads is asked apart from what may wait for the ledger, or for reservations. */
  readonly #reads: SharedRoundTrips<Question, EntitlementFacts | undefined>;
  readonly #decisions: SharedRoundTrips<Question, EntitlementFacts | undefined>;

  constructor(private readonly prisma: PrismaService) {
    const roundTrips: RoundTrips<Question, EntitlementFacts | undefined> = {
      one: async (question) => factsOf(await this.prisma.runPrepared<Row>('decision', () => decisionQuery(question()))),
      many: async (questions) => {
        const statement = () => decisionsQuery(questions());
        const rows = await this.prisma.runPrepared<Row & Answered>('decisions', statement);
        return (_, index) => {
          const own = rows.filter((row) => row.index === index);
          return own[0]?.isFree === false ? ALONE : factsOf(own);
        };
      },
    };
    this.#reads = new SharedRoundTrips(roundTrips, prisma.turns);
    this.#decisions = new SharedRoundTrips(roundTrips, prisma.turns);
  }

  /** Opens a few connections and prepares the statement of decisions on each; one has to work. @throws DatabaseUnavailableError */
  async warmUp(): Promise<void> {
    const few = [1, 2, 3, 4].map(() => this.prisma.runPrepared('decisions', () => decisionsQuery([])));
    const tries = await Promise.allSettled(few);
    if (!tries.some(({ status }) => status === 'fulfilled')) await few[0];
  }

  /**
   * What a decision looks at, in one round trip.
   * @param budget of whoever waits; here and below: without one it is read in any case
   * @returns undefined when there is no such content
   * @throws DatabaseUnavailableError, AbandonedError
   */
  find(userId: string, contentId: string, budget?: Budget): Promise<EntitlementFacts | undefined> {
    return this.#reads.ask({ userId, contentId }, budget);
  }

  /** The same, and a token is reserved, if the user has any purchase of the title that stands. */
  findAndReserve(
    userId: string,
    contentId: string,
    reservation: TokenReservation,
    budget?: Budget,
  ): Promise<EntitlementFacts | undefined> {
    return this.#decisions.ask({ userId, contentId, reservation }, budget);
  }

  /**
   * Titles in the order of their ids. Every title that the rules would grant is among them, and few others are: those of
   * rentals that end within two seconds, or, under rule `either`, whose period ended within their play window.
   * @throws DatabaseUnavailableError, AbandonedError
   */
  async findCandidates(wanted: CandidateTitles, budget?: Budget): Promise<CandidateTitle[]> {
    const titles: CandidateTitle[] = [];
    const statement = () => {
      budget?.throwIfAbandoned();
      return candidateTitlesQuery(wanted);
    };
    for (const row of await this.prisma.runPrepared<CandidateRow>('candidates', statement)) {
      const { contentId, title, availableFrom, withdrawnAt } = row;
      const current = titles.at(-1);
      if (current?.contentId === contentId) current.purchases.push(...purchasesOf(row));
      else titles.push({ contentId, title, availableFrom, withdrawnAt, purchases: purchasesOf(row) });
    }
    return titles;
  }
}

/** The columns of a purchase that a decision looks at, by the names that queries give them. */
interface PurchaseColumns {
  /** Null where the user never bought the title. */
  purchaseId: string | null;
  revokedAt: Date | null;
  periodEndsAt: Date | null;
  playDurationSeconds: number | null;
  firstPlayAt: Date | null;
  version: bigint;
  firstPlayResetId: string | null;
}

type CandidateRow = Omit<CandidateTitle, 'purchases'> & PurchaseColumns;

type Row = Omit<Content, 'outputPolicy' | 'key'> &
  OutputPolicy &
  PurchaseColumns &
  Pick<EntitlementFacts, 'limitedUntil'> & { kekId: string | null; ek: Uint8Array | null };

/** Which question a row answers, and whether it could be answered without waiting for another token of its user. */
interface Answered {
  index: number;
  isFree: boolean;
}

const COLUMNS = Prisma.sql`c.id, c.kid, c.iv, c.available_from AS "availableFrom", c.withdrawn_at AS "withdrawnAt",
           o.analog_video_opl AS "analogVideoOpl",
           o.compressed_digital_audio_opl AS "compressedDigitalAudioOpl",
           o.compressed_digital_video_opl AS "compressedDigitalVideoOpl",
           o.uncompressed_digital_audio_opl AS "uncompressedDigitalAudioOpl",
           o.uncompressed_digital_video_opl AS "uncompressedDigitalVideoOpl",
           o.unknown_output_behavior AS "unknownOutputBehavior",
           o.output_control_flags AS "outputControlFlags",
           o.offline_allowed AS "offlineAllowed", o.offline_license_seconds AS "offlineLicenseSeconds",
           o.playready_min_cert_security_level AS "playreadyMinCertSecurityLevel",
           o.widevine_security_level AS "widevineSecurityLevel", o.widevine_hdcp AS "widevineHdcp",
           o.extensions, o.additional_parameters AS "additionalParameters",
           k.kek_id AS "kekId", k.ek,
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
    JOIN output_policy o ON o.name = c.output_policy_name
    LEFT JOIN content_key k ON k.content_id = c.id
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
    JOIN output_policy o ON o.name = c.output_policy_name
    LEFT JOIN content_key k ON k.content_id = c.id
    LEFT JOIN LATERAL (
      SELECT * FROM purchase
      WHERE purchase.user_id = r.user_id AND purchase.content_id BETWEEN r.content_id AND r.content_id OFFSET 0
    ) p ON true
    ORDER BY r.index, p.purchased_at, p.id`;
}

/** @returns undefined when there is no such content */
function factsOf(rows: readonly Row[]): EntitlementFacts | undefined {
  const [first] = rows;
  return first && { content: contentOf(first), purchases: rows.flatMap(purchasesOf), limitedUntil: first.limitedUntil };
}

/** A subquery, because it has to be evaluated once and not for every purchase. */
function limitedUntil(userId: string, contentId: string, reservation?: TokenReservation): Prisma.Sql {
  if (reservation === undefined) return Prisma.sql`NULL::timestamptz`;
  const { issuanceId, at, limits } = reservation;
  return Prisma.sql`(SELECT reserve_token(${issuanceId}::char(32), ${userId}, ${contentId}, ${at}::timestamptz,
    make_interval(secs => ${limits.windowSeconds}), ${limits.perUser}::int, ${limits.perTitle}::int,
    make_interval(secs => ${limits.reservationSeconds})))`;
}

/**
 * The statement of a list: it walks the index of (user, content) and stops at the limit, so that ended purchases cost a look and
 * no more, and nobody else's purchases are touched.
 */
export function candidateTitlesQuery({ userId, at, after, limit }: CandidateTitles): Prisma.Sql {
  // A condition that is necessary under both rules of a rental's end; the rules themselves are asked afterwards.
  const mayEntitle = Prisma.sql`p.revoked_at IS NULL AND (p.type = 'buy-to-own'
    OR ${at}::timestamptz < coalesce(p.first_play_at + make_interval(secs => p.play_duration_seconds), p.period_ends_at))`;
  // OFFSET 0 has each title looked up by its id: nobody's list is worth reading the whole catalogue for.
  return Prisma.sql`
    WITH candidate AS (
      SELECT DISTINCT ON (p.content_id) p.content_id, c.title, c.available_from, c.withdrawn_at
      FROM purchase p
      CROSS JOIN LATERAL (
        SELECT title, available_from, withdrawn_at FROM content WHERE content.id = p.content_id OFFSET 0
      ) c
      WHERE p.user_id = ${userId} AND p.content_id > ${after ?? ''} AND ${mayEntitle}
        AND (c.available_from IS NULL OR c.available_from <= ${at}::timestamptz)
        AND (c.withdrawn_at IS NULL OR c.withdrawn_at > ${at}::timestamptz)
      ORDER BY p.content_id
      LIMIT ${limit}::int
    )
    SELECT c.content_id AS "contentId", c.title, c.available_from AS "availableFrom", c.withdrawn_at AS "withdrawnAt",
           p.id AS "purchaseId", p.revoked_at AS "revokedAt", p.period_ends_at AS "periodEndsAt",
           p.play_duration_seconds AS "playDurationSeconds", p.first_play_at AS "firstPlayAt", p.version,
           p.first_play_reset_id AS "firstPlayResetId"
    FROM candidate c
    JOIN purchase p ON p.user_id = ${userId} AND p.content_id = c.content_id AND ${mayEntitle}
    ORDER BY c.content_id, p.purchased_at, p.id`;
}

function contentOf(row: Row): Content {
  const { id, kid, iv, availableFrom, withdrawnAt } = row;
  const outputPolicy = {
    analogVideoOpl: row.analogVideoOpl,
    compressedDigitalAudioOpl: row.compressedDigitalAudioOpl,
    compressedDigitalVideoOpl: row.compressedDigitalVideoOpl,
    uncompressedDigitalAudioOpl: row.uncompressedDigitalAudioOpl,
    uncompressedDigitalVideoOpl: row.uncompressedDigitalVideoOpl,
    unknownOutputBehavior: row.unknownOutputBehavior,
    outputControlFlags: row.outputControlFlags,
    offlineAllowed: row.offlineAllowed,
    offlineLicenseSeconds: row.offlineLicenseSeconds,
    playreadyMinCertSecurityLevel: row.playreadyMinCertSecurityLevel,
    widevineSecurityLevel: row.widevineSecurityLevel,
    widevineHdcp: row.widevineHdcp,
    extensions: row.extensions,
    additionalParameters: row.additionalParameters,
  };
  return { id, kid, iv, availableFrom, withdrawnAt, outputPolicy, key: storedKey(row.kekId, row.ek) };
}

/** The purchase of a row, if there is one. The database holds rental terms for rentals, and for them alone. */
function purchasesOf(row: PurchaseColumns): Purchase[] {
  const { purchaseId: id, revokedAt, periodEndsAt, playDurationSeconds, firstPlayAt, version, firstPlayResetId } = row;
  if (id === null) return [];
  if (periodEndsAt === null || playDurationSeconds === null) return [{ type: 'buy-to-own', id, revokedAt }];
  return [{ type: 'rental', id, revokedAt, periodEndsAt, playDurationSeconds, firstPlayAt, version, firstPlayResetId }];
}
