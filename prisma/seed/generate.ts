// Fills a database with titles and purchases for load and scale, as often as one likes: what is there stays.
import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { wrapKey } from '@app/expressplay';
import { withSession } from '@app/platform/database';
import { lengthText } from '../../apps/entitlement/src/cli/terminal/values.js';
import { hexOf, type SeedKek } from './demo-data.js';
import type { GenerateOptions } from './generate-options.js';

/**
 * @param url connection string of a database with the migrations applied
 * @param say takes lines about the progress
 * @throws Error when the migrations are not applied, and PostgreSQL's own
 */
export async function generate(
  url: string,
  options: GenerateOptions,
  kek: SeedKek,
  say: (line: string) => void,
): Promise<void> {
  await withSession({ url, applicationName: 'db:generate' }, async (client) => {
    const { rows } = await client.query<{ found: boolean }>(
      `SELECT to_regclass('early_revocation') IS NOT NULL AS found`,
    );
    if (rows[0]?.found !== true) throw new Error('The migrations are not applied: run npm run db:migrate first.');
    await generateContents(client, options, kek);
    say(`contents: ${grouped(options.contents)}`);
    const stored = await storedPurchases(client, options.purchases);
    const progress = new Progress(stored, options.purchases, say);
    if (stored === options.purchases) say(`purchases: ${grouped(stored)}, and no more are wanted`);
    const { purchases, seed, at, users, contents } = options;
    // In order, so that what a stopped run left behind is the beginning.
    for (let first = stored + 1; first <= purchases; first += PURCHASES_CHUNK) {
      const last = Math.min(first + PURCHASES_CHUNK - 1, purchases);
      await client.query(PURCHASES, [first, last, seed, at, users, contents]);
      progress.reached(last);
    }
    // The planner must not take the database for the empty one that it was.
    await client.query('ANALYZE output_policy, content, content_key, purchase');
  });
}

const CONTENTS_CHUNK = 1000;

const POLICIES = `
  INSERT INTO output_policy (name, analog_video_opl, compressed_digital_audio_opl, compressed_digital_video_opl,
    uncompressed_digital_audio_opl, uncompressed_digital_video_opl, unknown_output_behavior, offline_allowed,
    widevine_security_level, widevine_hdcp)
  VALUES ('generated-sd', 100, 100, 250, 100, 250, 'Allow', true, 1, 0),
         ('generated-hd', 150, 250, 400, 250, 270, 'Allow', true, 1, 1),
         ('generated-uhd', 201, 300, 500, 300, 300, 'Disallow', false, 5, 2)
  ON CONFLICT DO NOTHING`;

// One in ten is without FairPlay, one in fifty withdrawn, one in a hundred still to come.
const CONTENTS = `
  INSERT INTO content (id, title, output_policy_name, available_from, withdrawn_at)
  SELECT 'generated-' || n, 'Generated title ' || n,
         (ARRAY['generated-sd', 'generated-hd', 'generated-hd', 'generated-uhd'])[n % 4 + 1],
         CASE WHEN n % 100 = 99 THEN $2::timestamptz + n % 90 * interval '1 day' END,
         CASE WHEN n % 50 = 49 AND n % 100 <> 99 THEN $2::timestamptz - n % 400 * interval '1 day' END
  FROM unnest($1::int[]) n
  ON CONFLICT DO NOTHING`;

const KEYS = `
  INSERT INTO content_key (content_id, kid, iv, kek_id, ek)
  SELECT 'generated-' || n, kid, CASE WHEN n % 10 > 0 THEN iv END, $4, ek
  FROM unnest($1::int[], $2::text[], $3::text[], $5::bytea[]) AS key (n, kid, iv, ek)
  ON CONFLICT DO NOTHING`;

/** Writes those that are not there yet. Content keys are random, and wrapped under the KEK before they leave this process. */
async function generateContents(client: Client, options: GenerateOptions, { id, kek }: SeedKek): Promise<void> {
  await client.query(POLICIES);
  for (let first = 1; first <= options.contents; first += CONTENTS_CHUNK) {
    const length = Math.min(CONTENTS_CHUNK, options.contents - first + 1);
    const numbers = Array.from({ length }, (_, index) => first + index);
    const hex = (kind: string) => numbers.map((n) => hexOf(`${kind} ${options.seed} ${n}`));
    await client.query(CONTENTS, [numbers, options.at]);
    const keys = numbers.map(() => Buffer.from(wrapKey(kek, randomBytes(16))));
    await client.query(KEYS, [numbers, hex('kid'), hex('iv'), id, keys]);
  }
}

/** How many a statement makes, and a transaction commits. */
const PURCHASES_CHUNK = 20_000;

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

/** How many there are: they are written in order, so the last one is found by halving. */
async function storedPurchases(client: Client, most: number): Promise<number> {
  let [there, absent] = [0, most + 1];
  while (absent - there > 1) {
    const middle = Math.floor((there + absent) / 2);
    const { rowCount } = await client.query(`SELECT FROM purchase WHERE external_id = 'generated-' || $1::bigint`, [
      middle,
    ]);
    if (rowCount === 0) absent = middle;
    else there = middle;
  }
  return there;
}

const EVERY_MS = 5000;

/** Says how far a long run is: rows, rate, and time left, every few seconds. */
export class Progress {
  readonly #startedAt: number;
  #reportedAt: number;

  /** @param already rows that were there before, of those that there will be */
  constructor(
    private readonly already: number,
    private readonly total: number,
    private readonly say: (line: string) => void,
    private readonly milliseconds: () => number = () => performance.now(),
  ) {
    this.#startedAt = this.#reportedAt = milliseconds();
  }

  /** @param rows how many there are now */
  reached(rows: number): void {
    const now = this.milliseconds();
    const done = rows >= this.total;
    if (!done && now - this.#reportedAt < EVERY_MS) return;
    this.#reportedAt = now;
    const seconds = Math.max(0.001, (now - this.#startedAt) / 1000);
    const rate = (rows - this.already) / seconds;
    const percent = Math.floor((rows / this.total) * 100);
    const rest = done
      ? `done in ${lengthText(Math.ceil(seconds))}`
      : `${lengthText(Math.ceil((this.total - rows) / rate))} left`;
    this.say(`purchases: ${grouped(rows)} of ${grouped(this.total)} (${percent}%), ${grouped(rate)} rows/s, ${rest}`);
  }
}

/** A number with its thousands apart. */
function grouped(number: number): string {
  return Math.round(number).toLocaleString('en');
}
