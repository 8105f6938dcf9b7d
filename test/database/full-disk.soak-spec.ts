// Postgres with a disk that is full: no room for tables, and no room for the write-ahead log, which ends it.
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MachinePostgres, postgresFolder } from '../support/machine-postgres.js';
import { SmallDisk } from '../support/small-disk.js';
import { inContinuousIntegration } from '../support/tools.js';
import { Evening, expectBearable, expectBooks, PLAYERS } from './evening.js';

const programs = postgresFolder();
const isPossible = programs !== undefined && SmallDisk.isPossible();
if (!isPossible && inContinuousIntegration())
  throw new Error('CI needs PostgreSQL with its programs, and root to mount.');

/** Begins the next segment of the write-ahead log. */
const SWITCH = `SELECT pg_logical_emit_message(true, 'full', 'disk'), pg_switch_wal()`;

describe.skipIf(!isPossible)('a disk that is full (needs PostgreSQL with pg_ctl, and root to mount one)', () => {
  const ends: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  async function start(environment: Record<string, string> = {}) {
    const disks = { data: SmallDisk.mount(160), wal: SmallDisk.mount(64) };
    ends.push(
      () => disks.data.unmount(),
      () => disks.wal.unmount(),
    );
    const server = await MachinePostgres.start(programs ?? '', {
      data: join(disks.data.folder, 'data'),
      wal: join(disks.wal.folder, 'wal'),
      settings: ['max_wal_size=16MB', 'min_wal_size=2MB', 'shared_buffers=16MB'],
    });
    ends.push(() => server.stop());
    const evening = await Evening.start(server, environment);
    ends.push(() => evening.stop());
    return { disks, server, evening };
  }

  const entitlements = async ({ service }: Evening) => {
    const { response } = await service.client('alice').GET('/v1/entitlements');
    return response.status;
  };

  it.each([
    ['with the limits on spending', {}],
    ['without them, so that a decision writes nothing', { TOKEN_LIMIT_PER_USER: '0', TOKEN_LIMIT_PER_TITLE: '0' }],
  ])(
    'no room for tables, %s: nothing more is bought, what is read is answered, and room is all it takes',
    async (name, environment) => {
      const { disks, evening } = await start(environment);
      const { service } = evening;
      let againMs = 0;
      await evening.during(async () => {
        disks.data.fill();
        // What is left of the last page of each table is still used.
        await evening.turnedAway(50);
        const lost = evening.unwritten.length;
        await evening.turnedAway(100);
        // A vacuum may find room for a row or two.
        expect(evening.unwritten.length - lost).toBeLessThanOrEqual(PLAYERS);
        expect([await entitlements(evening), (await service.http().get('/health/live')).status]).toEqual([200, 200]);
        expect(service.log.text).toContain('its disk or memory is full (53100)');
        disks.data.free();
        againMs = await evening.served();
        await evening.served(100);
      });
      evening.report(`no room for tables, ${name}`, { againMs });
      expectBearable(evening, { againMs, troubles: 2 });
      await expectBooks(evening);
    },
    300_000,
  );

  it('no room for the write-ahead log: Postgres ends; with room it is started again, and the service goes on', async () => {
    const { disks, server, evening } = await start();
    let againMs = 0;
    await evening.during(async () => {
      disks.wal.fill();
      // Segments that are there already are used first.
      const isFull = () =>
        evening.query(SWITCH).then(
          () => false,
          () => true,
        );
      await vi.waitUntil(isFull, { timeout: 60_000, interval: 0 });
      await vi.waitUntil(() => /PANIC.+No space left on device/.test(server.words()), { timeout: 60_000 });
      await evening.turnedAway();
      disks.wal.free();
      // It may be up again, having found the room while it recovered.
      await server.start().catch(() => undefined);
      againMs = await evening.served();
      await evening.served(100);
    });
    evening.report('no room for the write-ahead log', { againMs });
    expectBearable(evening, { againMs });
    await expectBooks(evening);
  }, 300_000);
});
