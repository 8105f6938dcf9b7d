// A purchase's columns in SQL, and the record made of a row.
import type { OrderTerms, PurchaseRecord } from './purchase-order.js';

/** The list of columns after SELECT or RETURNING. */
export const RECORD_COLUMNS = `id, external_id AS "externalId", user_id AS "userId", content_id AS "contentId", type,
  purchased_at AS "purchasedAt", period_ends_at AS "periodEndsAt", play_duration_seconds AS "playDurationSeconds", version,
  first_play_at AS "firstPlayAt", first_play_reset_id AS "firstPlayResetId", revoked_at AS "revokedAt",
  revocation_reason AS "revocationReason", revocation_version AS "revocationVersion"`;

/** A row of these columns. */
export type RecordRow = Omit<PurchaseRecord, keyof OrderTerms | 'version' | 'revocationVersion'> & {
  type: OrderTerms['type'];
  periodEndsAt: Date | null;
  playDurationSeconds: number | null;
  version: bigint;
  revocationVersion: bigint;
};

export function recordOf(row: RecordRow): PurchaseRecord {
  const { id, externalId, userId, contentId, type, purchasedAt, periodEndsAt, playDurationSeconds, ...rest } = row;
  // The database holds rental terms for rentals, and for them alone.
  const terms = { type, periodEndsAt, playDurationSeconds } as OrderTerms;
  const versions = { version: Number(row.version), revocationVersion: Number(row.revocationVersion) };
  return { id, externalId, userId, contentId, ...terms, purchasedAt, ...rest, ...versions };
}
