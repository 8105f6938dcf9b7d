import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestService } from '../support/test-service.js';
import { until } from './until.js';
import { permutations } from './permutations.js';
import { PurchaseClient, rental, sale } from './purchase-client.js';

let service: TestService;
let store: PurchaseClient;
beforeAll(async () => {
  service = await TestService.start();
  store = await PurchaseClient.of(service);
});
afterAll(() => service.stop());

const play = (user: string) => service.ask(user, { contentId: 'sintel', drm: 'playready' });
const early = () => service.database.query('SELECT * FROM early_revocation');

describe('a purchase', () => {
  it('that is taken back no longer entitles, and does again when it is given back', async () => {
    await store.put('kim-1', sale({ userId: 'kim' }));
    expect((await play('kim')).status).toBe(200);
    const revoked = await store.revoke('kim-1', {
      version: 1,
      reason: 'chargeback',
      revokedAt: '2026-11-20T10:00:00Z',
    });
    expect([revoked.status, revoked.body.outcome]).toEqual([200, 'updated']);
    expect(revoked.body.purchase).toMatchObject({
      revokedAt: '2026-11-20T10:00:00.000Z',
      revocationReason: 'chargeback',
      revocationVersion: 1,
    });
    expect((await play('kim')).body.reason).toBe('purchase-revoked');
    const reinstated = await store.reinstate('kim-1', { version: 2 });
    expect(reinstated.body.purchase).toMatchObject({ revokedAt: null, revocationReason: null, revocationVersion: 2 });
    expect((await play('kim')).status).toBe(200);
  });

  it('keeps its first play through a revocation and its undoing', async () => {
    await store.put('lee-1', rental({ userId: 'lee' }));
    await play('lee');
    const { firstPlayAt } = (await store.get('lee-1')).body;
    await store.revoke('lee-1', { version: 1, reason: 'fraud' });
    service.clock.advance(60);
    await store.reinstate('lee-1', { version: 2 });
    expect((await play('lee')).body.rights.playDurationSeconds).toBe(172_740);
    expect((await store.get('lee-1')).body.firstPlayAt).toBe(firstPlayAt);
  });

  it('hears an event once, and never an older one', async () => {
    await store.put('mia-1', sale({ userId: 'mia' }));
    const told = { version: 5, reason: 'refund' };
    const first = await store.revoke('mia-1', told);
    expect(first.body.purchase.revokedAt).toBe(service.clock.now().toISOString());
    service.clock.advance(60);
    const again = await store.revoke('mia-1', told);
    expect([again.status, again.body]).toEqual([200, { ...first.body, outcome: 'unchanged' }]);
    expect((await store.reinstate('mia-1', { version: 4 })).body.outcome).toBe('stale');
    for (const other of [
      await store.revoke('mia-1', { ...told, reason: 'fraud' }),
      await store.revoke('mia-1', { ...told, revokedAt: '2026-01-01T00:00:00Z' }),
      await store.reinstate('mia-1', { version: 5 }),
    ]) {
      expect([other.status, other.body.code]).toEqual([409, 'version-conflict']);
      expect(other.body.errors[0].field).toBe('version');
    }
    expect((await store.get('mia-1')).body).toEqual(first.body.purchase);
  });
});

describe('an event that comes before its purchase', () => {
  it('is kept, and taken over by the purchase', async () => {
    const kept = await store.revoke('noa-1', { version: 1, reason: 'refund' });
    expect([kept.status, kept.body]).toEqual([202, { externalId: 'noa-1', outcome: 'early', purchase: null }]);
    const again = await store.revoke('noa-1', { version: 1, reason: 'refund' });
    expect([again.status, again.body.outcome]).toEqual([202, 'unchanged']);
    expect((await store.revoke('noa-1', { version: 1, reason: 'fraud' })).status).toBe(409);
    expect((await store.get('noa-1')).status).toBe(404);

    const revokedAt = service.clock.now().toISOString();
    service.clock.advance(60);
    const created = await store.put('noa-1', sale({ userId: 'noa' }));
    expect(created.body).toMatchObject({
      outcome: 'created',
      purchase: { revokedAt, revocationReason: 'refund', revocationVersion: 1 },
    });
    expect((await play('noa')).body.reason).toBe('purchase-revoked');
    expect(await early()).toEqual([]);
  });

  it('waits on when the purchase is refused', async () => {
    await store.revoke('pat-1', { version: 1, reason: 'refund' });
    expect((await store.put('pat-1', sale({ contentId: 'nothing' }))).status).toBe(400);
    expect(await early()).toHaveLength(1);
    await store.put('pat-1', sale());
    expect(await early()).toEqual([]);
  });

  it('while its purchase is being written waits for it', async () => {
    const holder = new Client({ connectionString: service.database.url });
    await holder.connect();
    // The purchase has looked for its revocation, and is now kept from being written.
    await holder.query(`BEGIN; SELECT FROM content WHERE id = 'sintel' FOR UPDATE`);
    const purchase = store.put('held-1', sale());
    await until(async () => (await waiting()) === 1);
    let answered = false;
    const revocation = store.revoke('held-1', { version: 1, reason: 'fraud' }).finally(() => (answered = true));
    await until(async () => answered || (await waiting()) === 2);
    await holder.query('COMMIT');
    await holder.end();
    expect([(await purchase).body.outcome, (await revocation).body.outcome]).toEqual(['created', 'updated']);
    expect((await store.get('held-1')).body.revocationReason).toBe('fraud');
    expect(await early()).toEqual([]);
  });

  it('or after it, at about the same moment, is not lost', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `race-${index}`);
    const answers = await Promise.all(
      ids.flatMap((id, index) => {
        const events = [() => store.put(id, sale()), () => store.revoke(id, { version: 1, reason: 'fraud' })];
        return (index % 2 === 0 ? events : events.reverse()).map((send) => send());
      }),
    );
    expect(answers.filter(({ ok }) => !ok)).toEqual([]);
    const standing = await service.database.query(
      `SELECT external_id FROM purchase WHERE external_id LIKE 'race-%' AND revoked_at IS NULL`,
    );
    expect([standing, await early()]).toEqual([[], []]);
  });

  /** How many of the service's statements wait for a lock. */
  async function waiting(): Promise<number> {
    const rows = await service.database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows.length;
  }
});

describe('events in any order end in the same state', () => {
  type Send = (id: string) => Promise<unknown>;
  const told = { userId: 'quinn', version: 1 };
  const revokedAt = '2026-11-22T10:00:00Z';
  const sold: Send = (id) => store.put(id, sale(told));
  const changed: Send = (id) => store.put(id, rental({ ...told, version: 2 }));
  const changedInBatch: Send = (id) => store.import([{ externalId: id, ...rental({ ...told, version: 2 }) }]);
  const refunded: Send = (id) => store.revoke(id, { version: 1, reason: 'refund', revokedAt });
  const undone: Send = (id) => store.reinstate(id, { version: 2 });
  const refundedAgain: Send = (id) => store.revoke(id, { version: 3, reason: 'fraud', revokedAt });

  it.each<[string, Send[], object]>([
    ['sold, changed, refunded, undone', [sold, changed, refunded, undone], { revokedAt: null, revocationVersion: 2 }],
    [
      'sold, refunded, undone, refunded again',
      [sold, refunded, undone, refundedAgain],
      { version: 1, revocationReason: 'fraud', revocationVersion: 3 },
    ],
    [
      'sold, changed by a batch, refunded, refunded again',
      [sold, changedInBatch, refunded, refundedAgain],
      { type: 'rental', version: 2, revocationReason: 'fraud', revocationVersion: 3 },
    ],
  ])('%s', async (name, events, expected) => {
    const states: object[] = [];
    for (const [index, order] of permutations(events).entries()) {
      const ours = `${name.replaceAll(/\W/g, '-')}-${index}`;
      for (const send of order) await send(ours);
      const { id: _, externalId: __, ...state } = (await store.get(ours)).body;
      states.push(state);
    }
    expect(states).toHaveLength(24);
    expect(states[0]).toMatchObject(expected);
    expect(new Set(states.map((state) => JSON.stringify(state))).size).toBe(1);
    expect(await early()).toEqual([]);
  });
});

describe('a revocation is refused, with every field named', () => {
  it.each<[string, object, string[]]>([
    ['nothing', {}, ['reason', 'version']],
    ['an unknown reason', { version: 1, reason: 'mood' }, ['reason']],
    ['an unknown field', { version: 1, reason: 'refund', note: 'x' }, ['note']],
    ['a version 0', { version: 0, reason: 'refund' }, ['version']],
    ['a moment that is none', { version: 1, reason: 'refund', revokedAt: 'yesterday' }, ['revokedAt']],
  ])('%s', async (_name, body, fields) => {
    const answer = await store.revoke('kim-1', body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    const errors = answer.body.errors as { field: string }[];
    expect(errors.map(({ field }) => field).sort()).toEqual(fields);
  });

  it('and an undoing has no reason', async () => {
    expect((await store.reinstate('kim-1', { version: 9, reason: 'refund' })).status).toBe(400);
  });
});
