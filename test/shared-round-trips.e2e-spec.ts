import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestService } from './support/test-service.js';
import { sellTo, VIEWERS } from './support/viewers.js';

const REQUEST = { contentId: 'sintel', drm: 'widevine' };

describe('viewers who ask at the same moment', () => {
  let service: TestService;
  let together: Set<string>;
  beforeAll(async () => {
    service = await TestService.start({ environment: { DATABASE_TIMEOUT_MS: '4000' } });
    await sellTo(service, VIEWERS);
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
    const viewers = [...VIEWERS.slice(20), locked, ...VIEWERS.slice(0, 20)];
    await service.database.query(`DELETE FROM purchase WHERE user_id = ANY ($1)`, [viewers]);
    await sellTo(service, viewers, () => true);
    const holder = new Client({ connectionString: service.database.url });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query(hold, [locked]);
    const answered: string[] = [];
    const all = viewers.map(async (viewer) => {
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
