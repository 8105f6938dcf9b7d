import { randomBytes } from 'node:crypto';
import { inject, afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unwrapKey } from '@app/expressplay';
import { createDatabase, dropDatabase } from '@app/embedded-postgres';
import { generate } from '../prisma/seed/generate.js';
import type { GenerateOptions } from '../prisma/seed/generate-options.js';
import { TestDatabase } from './support/test-database.js';

/** The moment of the demo's purchases as well, which the same tables hold. */
const AT = new Date(inject('seededAt'));
const KEK = { id: 'test', kek: randomBytes(16) };
const OPTIONS: GenerateOptions = { purchases: 1000, users: 50, contents: 200, seed: 1, at: AT };
const COLUMNS = `external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds, first_play_at,
  revoked_at, revocation_reason`;

describe('the generator', () => {
  let database: TestDatabase;
  let lines: string[];
  const run = async (options: Partial<GenerateOptions> = {}, url = database.url) => {
    lines = [];
    await generate(url, { ...OPTIONS, ...options }, KEK, (line) => lines.push(line));
  };
  const purchases = (where = 'true') =>
    database.query<Record<string, unknown>>(
      `SELECT id, ${COLUMNS} FROM purchase WHERE external_id LIKE 'generated-%' AND (${where}) ORDER BY substr(external_id, 11)::int`,
    );
  const count = async (where: string) => (await purchases(where)).length;

  beforeAll(async () => {
    database = await TestDatabase.create();
    await run();
  });
  afterAll(() => database.drop());

  it('makes as many purchases as it was told to, of all kinds', async () => {
    expect(lines.at(-1)).toMatch(/^purchases: 1,000 of 1,000 \(100%\), [\d,]+ rows\/s, done in \d+ s$/);
    expect(await count('true')).toBe(1000);
    const live = `type = 'rental' AND revoked_at IS NULL AND period_ends_at > '${AT.toISOString()}'`;
    for (const [kind, least, most] of [
      [`type = 'buy-to-own'`, 250, 400],
      [`${live} AND first_play_at IS NULL`, 20, 150],
      [`${live} AND first_play_at IS NOT NULL`, 20, 150],
      [`type = 'rental' AND period_ends_at <= '${AT.toISOString()}'`, 300, 700],
      ['revoked_at IS NOT NULL', 5, 50],
      [`revocation_reason = 'refund'`, 3, 45],
    ] as const) {
      const found = await count(kind);
      expect([kind, found >= least && found <= most, found]).toEqual([kind, true, found]);
    }
    expect(await count(`first_play_at < purchased_at OR first_play_at >= '${AT.toISOString()}'`)).toBe(0);
    expect(await count(`purchased_at >= '${AT.toISOString()}' OR revoked_at > '${AT.toISOString()}'`)).toBe(0);
  });

  it('spreads them over its users and titles, some of which have far more', async () => {
    const most = await database.query<{ users: number; contents: number; biggest: number }>(
      `SELECT count(DISTINCT user_id)::int AS users, count(DISTINCT content_id)::int AS contents,
              (SELECT count(*)::int FROM purchase WHERE user_id = 'user-1') AS biggest
       FROM purchase WHERE external_id LIKE 'generated-%'`,
    );
    expect(most[0]?.users).toBe(50);
    expect(most[0]?.contents).toBeGreaterThan(100);
    expect(most[0]?.biggest).toBeGreaterThan(30);
    expect(await count(`substr(user_id, 6)::int NOT BETWEEN 1 AND 50`)).toBe(0);
  });

  it('gives each title a key that its KEK unwraps', async () => {
    const keys = await database.query<{ ek: Buffer; kek_id: string }>(
      `SELECT ek, kek_id FROM content_key JOIN content ON id = content_id WHERE title LIKE 'Generated%'`,
    );
    expect(keys).toHaveLength(200);
    expect(new Set(keys.map(({ kek_id: id }) => id))).toEqual(new Set(['test']));
    const opened = keys.map(({ ek }) => Buffer.from(unwrapKey(KEK.kek, ek)).toString('hex'));
    expect(new Set(opened).size).toBe(200);
  });

  it('changes nothing when it is run again', async () => {
    const before = await purchases();
    await run({ seed: 9, users: 3, at: new Date(AT.getTime() + 1000) });
    expect(lines).toContain('purchases: 1,000, and no more are wanted');
    expect(await purchases()).toEqual(before);
  });

  it('adds the rest when more are wanted, and when it was stopped half way', async () => {
    const before = await purchases();
    await run({ purchases: 25_000 });
    expect(await count('true')).toBe(25_000);
    expect((await purchases()).slice(0, 1000)).toEqual(before);
    const whole = await purchases();
    await database.query(
      `DELETE FROM purchase WHERE substr(external_id, 11)::int > 20500 AND external_id LIKE 'generated-%'`,
    );
    await run({ purchases: 25_000 });
    expect(await purchases()).toEqual(whole);
  });

  it('makes the same of the same seed, and something else of another', async () => {
    const other = await TestDatabase.create();
    const rows = () => other.query(`SELECT id, ${COLUMNS} FROM purchase WHERE external_id = 'generated-77'`);
    await run({}, other.url);
    const [same] = await rows();
    expect([same]).toEqual(await purchases(`external_id = 'generated-77'`));
    await other.query(`DELETE FROM purchase WHERE external_id LIKE 'generated-%'`);
    await run({ seed: 2 }, other.url);
    const [changed] = await rows();
    expect(changed).not.toMatchObject({ user_id: same?.user_id, content_id: same?.content_id, id: same?.id });
    await other.drop();
  });

  it('says what to do about a database without tables', async () => {
    const name = `e2e_empty_${process.pid}`;
    const url = await createDatabase(inject('serverUrl'), name);
    await expect(run({}, url)).rejects.toThrow(/npm run db:migrate/);
    await dropDatabase(inject('serverUrl'), name);
  });
});
