// What players ask in a bench, and what a right answer is: many accounts, each with titles bought, rented and played, rented and not.
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { applyMigrations } from '@app/platform/database';
import { generate } from '../../prisma/seed/generate.js';
import type { EntitlementsPage, GrantedAnswer } from '../../apps/entitlement/src/entitlements/entitlements.dto.js';
import type { LicenseToken } from '../../apps/entitlement/src/license-tokens/license-tokens.dto.js';
import type { DemoIssuer } from '../../scripts/stack/demo-issuer.js';

export const TITLES_OF_ACCOUNT = 8;
/** Of an account's titles: every second one is rented, every fourth one has been played as well. */
const KINDS = ['bought', 'unstarted', 'bought', 'started'] as const;
const DRMS = [
  ['playready', 'pr'],
  ['fairplay', 'fp'],
  ['widevine', 'wv'],
] as const;
const PLAY_SECONDS = 172_800;
const TOKEN_SECONDS = 60;
/** How many a statement makes. */
const ACCOUNTS_CHUNK = 50_000;

/** An account that asks. */
export interface Guest {
  account: number;
  bearer: string;
}

/** One request of a player. */
export interface Ask extends Guest {
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
  FROM generate_series($1::int, $4::int - 1) u, generate_series(0, ${TITLES_OF_ACCOUNT - 1}) t`;

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
  #everybody: Guest[] = [];

  /** @param contents titles that there are */
  constructor(private readonly contents = 40) {}

  /** Fills a database, and signs everybody's bearer. */
  async prepare(url: string, accounts: number, issuer: DemoIssuer): Promise<void> {
    await this.open(url);
    await this.addAccounts(url, 0, accounts);
    this.#everybody = await this.guests(accounts, accounts, issuer);
  }

  /** Fills a database with all but accounts. */
  async open(url: string): Promise<void> {
    await applyMigrations(url);
    const options = { purchases: 0, users: 1, contents: this.contents, seed: 1, at: new Date() };
    await generate(url, options, { id: 'bench', kek: this.kek }, () => undefined);
    await withClient(url, async (client) => {
      await client.query('UPDATE content SET available_from = NULL, withdrawn_at = NULL');
      const { rows } = await client.query<{ id: string; ek: Buffer }>('SELECT content_id AS id, ek FROM content_key');
      for (const { id, ek } of rows) this.#keys.set(id, ek.toString('hex'));
    });
  }

  /** Adds the accounts from number `first` to (not) `end`. */
  addAccounts(url: string, first: number, end: number): Promise<void> {
    return withClient(url, async (client) => {
      for (let from = first; from < end; from += ACCOUNTS_CHUNK) {
        await client.query(PURCHASES, [from, this.contents, this.#startedAt, Math.min(end, from + ACCOUNTS_CHUNK)]);
      }
      await client.query('VACUUM ANALYZE');
    });
  }

  /** So many of all accounts, evenly spread, with their bearers. */
  guests(accounts: number, count: number, issuer: DemoIssuer): Promise<Guest[]> {
    const numbers = Array.from({ length: count }, (_, guest) => Math.floor((guest * accounts) / count));
    const claims = { scope: 'playback', expiresInSeconds: 86_400 };
    return Promise.all(
      numbers.map(async (account) => ({ account, bearer: await issuer.token({ user: `user-${account}`, ...claims }) })),
    );
  }

  /** The requests from number `first` on: an account comes again when all others have come, and then with another title. */
  asks(first: number, count: number, guests: readonly Guest[] = this.#everybody): Ask[] {
    return Array.from({ length: count }, (_, offset): Ask => {
      const { account, bearer } = guests[(first + offset) % guests.length] ?? { account: 0, bearer: '' };
      const turn = Math.floor((first + offset) / guests.length);
      const title = (turn + account) % TITLES_OF_ACCOUNT;
      const content = 1 + ((account + title) % this.contents);
      // The generator leaves every tenth title without FairPlay.
      const wanted = (first + offset) % DRMS.length;
      const [drm, service] = DRMS[wanted === 1 && content % 10 === 0 ? 2 : wanted] ?? DRMS[0];
      const kind = KINDS[title % KINDS.length] ?? 'bought';
      return { account, bearer, body: { contentId: `generated-${content}`, drm }, kind, service };
    });
  }

  /** Takes back the first plays of earlier requests, so that the same requests are the same work again. */
  rewind(url: string, guests: readonly Guest[] = this.#everybody): Promise<void> {
    return withClient(url, async (client) => {
      await client.query(
        `UPDATE purchase SET first_play_at = NULL, first_play_reset_id = $1
         WHERE first_play_at > $2 AND user_id = ANY($3)`,
        [randomBytes(8).toString('hex'), this.#startedAt, guests.map(({ account }) => `user-${account}`)],
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

  /** @throws Error for the first answer of `GET /v1/entitlements/{contentId}` or `GET /v1/entitlements` that is wrong */
  checkReads(answers: readonly Answer[]): void {
    for (const { ask, status, text } of answers) {
      const answer = JSON.parse(text) as Partial<GrantedAnswer & EntitlementsPage>;
      const type = ask.kind === 'bought' ? 'buy-to-own' : 'rental';
      const titles = Array.from(
        { length: TITLES_OF_ACCOUNT },
        (_, title) => `generated-${1 + ((ask.account + title) % this.contents)}`,
      );
      const listed = answer.entitlements?.map(({ contentId }) => contentId).sort();
      const one = answer.entitlements?.find(({ contentId }) => contentId === ask.body.contentId) ?? answer;
      const isRight =
        status === 200 &&
        (listed === undefined || listed.join() === titles.sort().join()) &&
        one.contentId === ask.body.contentId &&
        one.entitled === true &&
        one.rights?.type === type &&
        one.rights.started === (ask.kind === 'started');
      if (!isRight) throw new Error(`wrong: ${status} ${text}`);
    }
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

/** PostgreSQL's. */
export function versionOf(url: string): Promise<string> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version ?? '';
  });
}
