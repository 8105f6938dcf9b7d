// Purchases for load and scale, made inside the database, a chunk at a time.
import type { Client } from 'pg';
import type { GenerateOptions } from './generate-options.js';

/** How many a statement makes, and a transaction commits. */
const CHUNK = 20_000;

const STORED = `SELECT FROM purchase WHERE external_id = 'generated-' || $1::bigint`;

/**
 * A number from 0 to (not) 1 that is always the same for a purchase, the seed ($3) and a place.
 * @param place another one gives another number
 */
function chance(place: number): string {
  return `((hashint8extended(n, $3::bigint * 16 + ${place}) & 9007199254740991) / 9007199254740992.0::float8)`;
}

// What a store looks like after three years: a third is bought, most rentals are over, the newest are live, most of them
// started; some users buy far more than others, some titles sell far better; one purchase in fifty was taken back.
const PURCHASES = `
  WITH dice AS (
    SELECT n, ${chance(0)} AS user_at, ${chance(1)} AS content_at, ${chance(2)} AS type_at, ${chance(3)} AS age_at,
           ${chance(4)} AS terms_at, ${chance(5)} AS start_at, ${chance(6)} AS delay_at, ${chance(7)} AS revocation_at,
           ${chance(8)} AS reason_at
    FROM generate_series($1::bigint, $2::bigint) n
  ), sold AS (
    SELECT dice.*, type_at < 0.67 AS rented,
           $4::timestamptz - interval '1 s' - age_at * age_at * interval '1095 days' AS purchased_at
    FROM dice
  ), played AS (
    SELECT sold.*, purchased_at + delay_at ^ 3 * interval '30 days' AS played_at FROM sold
  )
  INSERT INTO purchase (id, external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds,
    first_play_at, revoked_at, revocation_reason, revocation_version, created_at, updated_at)
  SELECT md5('purchase ' || $3::bigint || ' ' || n)::uuid, 'generated-' || n,
         'user-' || 1 + floor($5::int * user_at ^ 1.25)::int, 'generated-' || 1 + floor($6::int * content_at ^ 1.5)::int,
         CASE WHEN rented THEN 'rental' ELSE 'buy-to-own' END::purchase_type, purchased_at,
         CASE WHEN rented THEN purchased_at + interval '30 days' END,
         CASE WHEN rented THEN CASE WHEN terms_at < 0.8 THEN 172800 WHEN terms_at < 0.95 THEN 86400 ELSE 259200 END END,
         CASE WHEN rented AND start_at < 0.85 AND played_at < $4::timestamptz THEN played_at END,
         CASE WHEN revocation_at < 0.02 THEN least(purchased_at + delay_at * interval '14 days', $4::timestamptz) END,
         CASE WHEN revocation_at < 0.02 THEN
           CASE WHEN reason_at < 0.8 THEN 'refund' WHEN reason_at < 0.9 THEN 'chargeback' WHEN reason_at < 0.95 THEN 'fraud'
                ELSE 'store-error' END END::revocation_reason,
         CASE WHEN revocation_at < 0.02 THEN 1 ELSE 0 END, purchased_at, $4::timestamptz
  FROM played
  ON CONFLICT DO NOTHING`;

/**
 * Writes `generated-<n>` up to the number wanted, in order, so that what a stopped run left behind is the beginning.
 * @param reached told the number that is there after each chunk
 */
export async function generatePurchases(
  client: Client,
  options: GenerateOptions,
  stored: number,
  reached: (rows: number) => void,
): Promise<void> {
  const { purchases, seed, at, users, contents } = options;
  for (let first = stored + 1; first <= purchases; first += CHUNK) {
    const last = Math.min(first + CHUNK - 1, purchases);
    await client.query(PURCHASES, [first, last, seed, at, users, contents]);
    reached(last);
  }
}

/** How many there are: they are written in order, so the last one is found by halving. */
export async function storedPurchases(client: Client, most: number): Promise<number> {
  let [there, absent] = [0, most + 1];
  while (absent - there > 1) {
    const middle = Math.floor((there + absent) / 2);
    const { rowCount } = await client.query(STORED, [middle]);
    if (rowCount === 0) absent = middle;
    else there = middle;
  }
  return there;
}
