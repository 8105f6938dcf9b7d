import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestService } from './support/test-service.js';

const VIEWERS = Array.from({ length: 40 }, (_, index) => `viewer-${index}`);
const REQUEST = { contentId: 'sintel', drm: 'widevine' };

describe('viewers who ask at the same moment', () => {
  let service: TestService;
  let together: Set<string>;
  beforeAll(async () => {
    service = await TestService.start({ environment: { DATABASE_TIMEOUT_MS: '4000' } });
    await service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds)
       SELECT viewer, viewer, 'sintel', CASE WHEN n % 2 = 0 THEN 'rental' ELSE 'buy-to-own' END::purchase_type, $2::timestamptz,
              CASE WHEN n % 2 = 0 THEN $2::timestamptz + interval '10 days' END, CASE WHEN n % 2 = 0 THEN 3600 END
       FROM unnest($1::text[]) WITH ORDINALITY AS v(viewer, n)`,
      [VIEWERS, service.clock.now()],
    );
  });
  beforeEach(() => {
    together = new Set();
    service.wires.postgres.tap = async (bytes) => {
      for (const [, kind] of bytes.toString('latin1').matchAll(/(decisions|(?:first_)?issuances)_[0-9a-f]{32}/g))
        together.add(kind ?? '');
      return true;
    };
  });
  afterAll(() => service.stop());

  const ask = () => Promise.all(VIEWERS.map((viewer) => service.ask(viewer, REQUEST)));

  it('share the round trips, and each has a row and a clock of their own', async () => {
    const answers = await ask();
    expect(answers.map(({ status }) => status)).toEqual(VIEWERS.map(() => 200));
    const rows = await service.ledger();
    for (const [index, { body }] of answers.entries()) {
      const own = rows.filter(({ id }) => id === body.id);
      expect(own).toMatchObject([
        { user_id: VIEWERS[index], decision: 'granted', first_play: index % 2 === 1, rights_type: body.rights.type },
      ]);
    }
    expect(await service.database.query('SELECT 1 FROM token_reservation')).toEqual([]);
    const started = await service.database.query<{ at: Date }>(
      `SELECT first_play_at AS at FROM purchase WHERE external_id LIKE 'viewer-%' AND type = 'rental'`,
    );
    expect(started.map(({ at }) => at)).toEqual(started.map(() => service.clock.now()));
    await ask();
    // Which of them share is for `cost.e2e-spec.ts`, where they come at once.
    expect(together.size).toBeGreaterThan(0);
    expect(service.log.text).not.toContain('asked together failed');
  });

  it.each([
    ['rental is locked', 'SELECT FROM purchase WHERE external_id = $1 FOR UPDATE'],
    ['other token is being reserved', 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))'],
  ])('do not wait for one whose %s', async (_name, hold) => {
    const locked = 'locked';
    await service.database.query(`DELETE FROM purchase WHERE user_id = $1`, [locked]);
    await service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds)
       VALUES ($1, $1, 'sintel', 'rental', $2, $2::timestamptz + interval '10 days', 3600)`,
      [locked, service.clock.now()],
    );
    await service.database.query(`DELETE FROM purchase WHERE user_id = ANY ($1)`, [VIEWERS]);
    await service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds)
       SELECT viewer, viewer, 'sintel', 'rental', $2, $2::timestamptz + interval '10 days', 3600 FROM unnest($1::text[]) viewer`,
      [VIEWERS, service.clock.now()],
    );
    const holder = new Client({ connectionString: service.database.url });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query(hold, [locked]);
    const answered: string[] = [];
    const all = [...VIEWERS.slice(20), locked, ...VIEWERS.slice(0, 20)].map(async (viewer) => {
      const { status } = await service.ask(viewer, REQUEST);
      answered.push(viewer);
      return status;
    });
    await expect.poll(() => answered.length, { timeout: 8000 }).toBe(VIEWERS.length);
    expect(answered).not.toContain(locked);
    await holder.query('COMMIT');
    await holder.end();
    expect(new Set(await Promise.all(all))).toEqual(new Set([200]));
  });
});
