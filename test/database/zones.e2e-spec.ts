// Every moment is UTC, whatever zone the server, the database, the role or this machine is in.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrismaService, withSession } from '@app/platform/database';
import { PurchaseClient, rental } from '../admin/purchase-client.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestDatabase } from '../support/test-database.js';
import { TestService } from '../support/test-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };
const HOUR = 3_600_000;

/** Moments that a clock in Berlin leaves out, has twice, or has an hour off, and one in winter. */
const MOMENTS = [
  '2027-03-28T02:30:00.000Z',
  '2026-10-25T02:30:00.000Z',
  '2026-07-01T10:00:00.000Z',
  '2026-11-21T10:00:00.000Z',
];

describe.each(['Asia/Kolkata', 'America/St_Johns', 'Europe/Berlin'])('in %s', (zone) => {
  let service: TestService;
  let store: PurchaseClient;
  const machine = process.env['TZ'];

  beforeAll(async () => {
    process.env['TZ'] = zone;
    service = await TestService.start();
    const [{ name } = { name: '' }] = await service.database.query<{ name: string }>(
      'SELECT current_database() AS name',
    );
    await service.database.query(`ALTER DATABASE ${name} SET timezone = '${zone}'`);
    await service.database.query(`ALTER DATABASE ${name} SET datestyle = 'SQL, DMY'`);
    service.wires.postgres.cut();
    store = await PurchaseClient.of(service);
  });
  afterAll(async () => {
    if (machine === undefined) delete process.env['TZ'];
    else process.env['TZ'] = machine;
    await service.stop();
  });

  const epoch = async (column: string, table: string, where: string) => {
    const [row] = await service.database.query<{ ms: number }>(
      `SELECT (extract(epoch FROM ${column}) * 1000)::float8 AS ms FROM ${table} WHERE ${where}`,
    );
    return row?.ms;
  };

  it.each(MOMENTS)(
    'an order of %s is stored as it is, answered as it is, and unchanged when it comes again',
    async (at) => {
      const id = `order-${Date.parse(at)}`;
      const order = rental({ purchasedAt: at, periodEndsAt: at.replace(/^\d{4}/, '2099') });
      const first = await store.put(id, order);
      expect([first.status, first.body.purchase.purchasedAt]).toEqual([201, at]);
      const again = await store.put(id, order);
      expect([again.status, again.body.outcome]).toEqual([200, 'unchanged']);
      expect(await epoch('purchased_at', 'purchase', `external_id = '${id}'`)).toBe(Date.parse(at));
      const [line] = await store.import([{ externalId: id, ...order }]);
      expect(line?.outcome).toBe('unchanged');
      const revokedAt = at;
      expect((await store.revoke(id, { version: 1, reason: 'refund', revokedAt })).body.outcome).toBe('updated');
      expect((await store.revoke(id, { version: 1, reason: 'refund', revokedAt })).body.outcome).toBe('unchanged');
    },
  );

  it('a rental plays as long as it was sold for, to the second, and the ledger has the moment', async () => {
    const begun = service.clock.now().getTime();
    const { rights } = await service.issue('bob', { contentId: 'sintel', drm: 'playready' });
    expect(Date.parse(String(rights.endsAt))).toBe(Math.floor((begun + 48 * HOUR) / 1000) * 1000);
    expect(await epoch('first_play_at', 'purchase', `user_id = 'bob'`)).toBe(begun);
    expect(await epoch('decided_at', 'issuance', `user_id = 'bob'`)).toBe(begun);
    service.clock.advance(48 * 3600 - 10);
    expect((await service.ask('bob', PLAYREADY)).status).toBe(200);
    service.clock.advance(11);
    expect((await service.ask('bob', PLAYREADY)).body.reason).toBe('play-window-ended');
  });

  it('scripts and commands are in UTC as well', async () => {
    const shown = await withSession({ url: service.database.url }, async (session) => {
      const { rows } = await session.query<{ zone: string; style: string }>(
        `SELECT current_setting('TimeZone') AS zone, current_setting('DateStyle') AS style`,
      );
      return rows[0];
    });
    expect(shown).toEqual({ zone: 'UTC', style: 'ISO, MDY' });
  });
});

it('docs/upgrade.md corrects what was stored in another zone', async () => {
  const database = await TestDatabase.create();
  const at = '2026-07-01T10:00:00.000Z';
  // As earlier builds wrote it: the moment in UTC, without a zone, in a session of another one.
  await database.query(`SET timezone = 'Asia/Kolkata'`);
  const text = at.replace('T', ' ').replace('Z', '');
  await database.query(`UPDATE purchase SET first_play_at = $1::timestamptz WHERE user_id = 'bob'`, [text]);
  await database.query(`UPDATE content SET available_from = $1::timestamptz WHERE id = 'sintel'`, [text]);
  const page = readFileSync('docs/upgrade.md', 'utf8');
  const [, correction = ''] = /```sql\n(BEGIN;\n.*?COMMIT;)\n```/s.exec(page) ?? [];
  await database.query(correction);
  const rows = await database.query<{ first: Date; from: Date }>(
    `SELECT first_play_at AS first, available_from AS from FROM purchase JOIN content ON content.id = content_id WHERE user_id = 'bob'`,
  );
  expect(rows).toEqual([{ first: new Date(at), from: new Date(at) }]);
  await database.drop();
});

it('a server whose sessions are in another zone all the same is refused, at the start as well, with what to do', async () => {
  const service = await TestService.start();
  const { database } = service;
  const url = new URL(database.url);
  const wire = await TcpProxy.to(url);
  url.host = `127.0.0.1:${wire.port}`;
  // What a pooler would do that does not keep what its clients ask for.
  wire.tap = async (bytes) => {
    const at = bytes.indexOf('TimeZone\0UTC\0');
    return at < 0 ? true : Buffer.from(bytes).fill('EST', at + 9, at + 12);
  };
  const other = new PrismaService({ url: url.href, poolSize: 1, timeoutMs: 5000 });
  await expect(other.client.$queryRaw`SELECT 1`).rejects.toThrow(/time zone .*UTC.*pooler/s);
  await expect(other.onApplicationBootstrap()).rejects.toThrow(/time zone .*UTC.*pooler/s);
  await other.onApplicationShutdown();
  await wire.stop();
  await service.stop();
});
