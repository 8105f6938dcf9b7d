// What players ask in a bench, and what a right answer is: many accounts, each with titles bought, rented and played, rented and not.
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { applyMigrations } from '@app/platform/database';
import { generate } from '../../prisma/seed/generate.js';
import type { LicenseToken } from '../../apps/entitlement/src/license-tokens/license-tokens.dto.js';
import type { DemoIssuer } from '../../scripts/stack/demo-issuer.js';

const CONTENTS = 40;
const TITLES_OF_ACCOUNT = 8;
/** Of an account's titles: every second one is rented, every fourth one has been played as well. */
const KINDS = ['bought', 'unstarted', 'bought', 'started'] as const;
const DRMS = [
  ['playready', 'pr'],
  ['fairplay', 'fp'],
  ['widevine', 'wv'],
] as const;
const PLAY_SECONDS = 172_800;
const TOKEN_SECONDS = 60;

/** One request of a player. */
export interface Ask {
  bearer: string;
  body: { contentId: string; drm: string };
  kind: (typeof KINDS)[number];
  /** ExpressPlay's word for the DRM. */
  service: string;
}

/** What came of it; moments in milliseconds since 1970. */
export interface Answer {
  ask: Ask;
  status: number;
  text: string;
  askedAt: number;
  answeredAt: number;
}

/** What the ledger has since a moment. */
export interface Ledger {
  rows: number;
  firstPlays: number;
  /** Reservations that were not taken back. */
  reserved: number;
  /** Of all that does not depend on the clock or on chance. */
  digest: string;
}

const PURCHASES = `
  INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds, first_play_at)
  SELECT 'order-' || u || '-' || t, 'user-' || u, 'generated-' || 1 + (u + t) % $2::int,
         CASE WHEN t % 2 = 1 THEN 'rental' ELSE 'buy-to-own' END::purchase_type, $3::timestamptz,
         CASE WHEN t % 2 = 1 THEN $3::timestamptz + interval '30 days' END, CASE WHEN t % 2 = 1 THEN ${PLAY_SECONDS} END,
         CASE WHEN t % 4 = 3 THEN $3::timestamptz END
  FROM generate_series(0, $1::int - 1) u, generate_series(0, ${TITLES_OF_ACCOUNT - 1}) t`;

const LEDGER = `
  SELECT count(*)::int AS rows, count(*) FILTER (WHERE first_play AND first_play_at = decided_at)::int AS "firstPlays",
         (SELECT count(*)::int FROM token_reservation) AS reserved,
         md5(string_agg(concat_ws(' ', i.user_id, i.content_id, purchase_id, drm, offline, decision, reason, rights_type, persistent,
           first_play, CASE WHEN NOT first_play THEN rights_end_at END), ',' ORDER BY i.user_id, i.content_id, drm)) AS digest
  FROM issuance i JOIN purchase p ON p.id = i.purchase_id
  WHERE decided_at >= $1 AND i.id = ANY($2)`;

export class Evening {
  readonly kek = randomBytes(16);
  /** When all purchases were made, and the first plays that there are from the beginning. */
  readonly #startedAt = new Date(Math.floor(Date.now() / 1000 - 3600) * 1000);
  readonly #keys = new Map<string, string>();
  #bearers: string[] = [];

  /** Fills a database, and signs everybody's bearer. */
  async prepare(url: string, accounts: number, issuer: DemoIssuer): Promise<void> {
    await applyMigrations(url);
    const options = { purchases: 0, users: accounts, contents: CONTENTS, seed: 1, at: new Date() };
    await generate(url, options, { id: 'bench', kek: this.kek }, () => undefined);
    await withClient(url, async (client) => {
      await client.query(PURCHASES, [accounts, CONTENTS, this.#startedAt]);
      await client.query('VACUUM ANALYZE');
      const { rows } = await client.query<{ id: string; ek: Buffer }>('SELECT content_id AS id, ek FROM content_key');
      for (const { id, ek } of rows) this.#keys.set(id, ek.toString('hex'));
    });
    const users = Array.from({ length: accounts }, (_, account) => `user-${account}`);
    this.#bearers = await Promise.all(
      users.map((user) => issuer.token({ user, scope: 'playback', expiresInSeconds: 86_400 })),
    );
  }

  /** The requests from number `first` on: an account comes again when all others have come, and then with another title. */
  asks(first: number, count: number): Ask[] {
    return Array.from({ length: count }, (_, offset): Ask => {
      const account = (first + offset) % this.#bearers.length;
      const turn = Math.floor((first + offset) / this.#bearers.length);
      const title = (turn + account) % TITLES_OF_ACCOUNT;
      const content = 1 + ((account + title) % CONTENTS);
      // The generator leaves every tenth title without FairPlay.
      const wanted = (first + offset) % DRMS.length;
      const [drm, service] = DRMS[wanted === 1 && content % 10 === 0 ? 2 : wanted] ?? DRMS[0];
      const [bearer = '', kind = 'bought'] = [this.#bearers[account], KINDS[title % KINDS.length]];
      return { bearer, body: { contentId: `generated-${content}`, drm }, kind, service };
    });
  }

  /** Takes back the first plays of earlier requests, so that the same requests are the same work again. */
  rewind(url: string): Promise<void> {
    return withClient(url, async (client) => {
      await client.query(
        'UPDATE purchase SET first_play_at = NULL, first_play_reset_id = $1 WHERE first_play_at > $2',
        [randomBytes(8).toString('hex'), this.#startedAt],
      );
      await client.query('VACUUM ANALYZE purchase');
    });
  }

  /** @throws Error for the first answer that is not what it has to be, and for a ledger that does not have just these */
  async check(url: string, since: Date, answers: readonly Answer[]): Promise<Ledger> {
    const ids = answers.map((answer) => {
      const { id, wrong } = this.#judge(answer);
      if (wrong.length > 0) throw new Error(`${wrong.join(', ')}: ${answer.status} ${answer.text}`);
      return id;
    });
    const unstarted = answers.filter(({ ask }) => ask.kind === 'unstarted').length;
    return withClient(url, async (client) => {
      const { rows } = await client.query<Ledger>(LEDGER, [since, ids]);
      const all = await client.query('SELECT FROM issuance WHERE decided_at >= $1', [since]);
      const [ledger = { rows: 0, firstPlays: 0, reserved: 0, digest: '' }] = rows;
      const found = [ledger.rows, all.rowCount, ledger.firstPlays, ledger.reserved].join(', ');
      const expected = [answers.length, answers.length, unstarted, 0].join(', ');
      if (found !== expected) {
        throw new Error(`Of tokens, rows, first plays, reservations the ledger has ${found} in place of ${expected}.`);
      }
      return ledger;
    });
  }

  #judge({ ask, status, text, askedAt, answeredAt }: Answer): { id: string; wrong: string[] } {
    if (status !== 200) return { id: '', wrong: ['status'] };
    const answer = JSON.parse(text) as LicenseToken;
    const { id, token } = answer;
    const { type, endsAt, playDurationSeconds: seconds, persistent } = answer.rights;
    const isRented = ask.kind !== 'bought';
    const isPlayReady = ask.body.drm === 'playready';
    const bought = [id, this.#keys.get(ask.body.contentId), ask.service, seconds ?? ''].join(' ');
    const endMs = Date.parse(String(endsAt)) - PLAY_SECONDS * 1000;
    const ends = {
      bought: endsAt === null && seconds === null,
      started: endMs === this.#startedAt.getTime() && Number(seconds) > 0 && Number(seconds) < PLAY_SECONDS,
      unstarted:
        endMs > askedAt - 1000 &&
        endMs <= answeredAt &&
        seconds === (isPlayReady ? PLAY_SECONDS : PLAY_SECONDS - TOKEN_SECONDS),
    };
    const right = {
      id: /^[0-9a-f]{32}$/.test(id),
      title: answer.contentId === ask.body.contentId && answer.drm === ask.body.drm,
      token: Buffer.from(token, 'base64url').toString() === bought,
      url: answer.licenseUrl === `${answer.licenseAcquisitionUrl}?ExpressPlayToken=${token}`,
      expiry: Date.parse(answer.tokenExpiresAt) > answeredAt,
      type: type === (isRented ? 'rental' : 'buy-to-own'),
      persistence: persistent === (isRented && isPlayReady),
      end: ends[ask.kind],
    };
    return { id, wrong: Object.entries(right).flatMap(([name, isRight]) => (isRight ? [] : [name])) };
  }
}

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
