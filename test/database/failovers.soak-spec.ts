// A failover in the middle of transactions: a primary that dies under load, and the standby that takes over.
import { afterEach, describe, expect, it } from 'vitest';
import { MachinePostgres, postgresFolder } from '../support/machine-postgres.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { inContinuousIntegration } from '../support/tools.js';
import { Evening, expectBearable, expectBooks } from './evening.js';

const programs = postgresFolder();
if (programs === undefined && inContinuousIntegration()) throw new Error('CI needs a PostgreSQL with its programs.');

describe.skipIf(programs === undefined)('a failover under load (needs PostgreSQL with pg_basebackup)', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  async function start() {
    const primary = await MachinePostgres.start(programs ?? '');
    ends.push(() => primary.stop());
    const evening = await Evening.start(primary);
    ends.push(() => evening.stop());
    const replication = await TcpProxy.to(primary.url);
    ends.push(() => replication.stop());
    const through = new URL(primary.url);
    through.port = String(replication.port);
    const standby = await primary.standby(through.href);
    ends.push(() => standby.stop());
    return { primary, standby, evening, replication };
  }

  /** The primary dies, everybody is led to the standby, and that is promoted. @returns when the first viewer is served again, in ms from the promotion's end */
  async function failOver(primary: MachinePostgres, standby: MachinePostgres, evening: Evening): Promise<number> {
    await primary.control('--mode', 'immediate', 'stop');
    evening.failOverTo(standby);
    // What takes no writes is not used, although it answers.
    await evening.turnedAway(20);
    await standby.control('promote');
    return evening.served();
  }

  it('with synchronous replication loses nothing: who has a token is in the new ledger, and no clock starts twice', async () => {
    const { primary, standby, evening } = await start();
    await evening.query(`ALTER SYSTEM SET synchronous_standby_names = '*'`);
    await evening.query('SELECT pg_reload_conf()');
    let againMs = 0;
    await evening.during(async () => {
      await evening.served(100);
      againMs = await failOver(primary, standby, evening);
      await evening.served(100);
    });
    evening.report('failed over, synchronous', { againMs });
    expectBearable(evening, { againMs });
    await expectBooks(evening);
  }, 300_000);

  it('without it loses what had not reached the standby, and nothing else', async () => {
    const { primary, standby, evening, replication } = await start();
    let safe: readonly unknown[] = [];
    let againMs = 0;
    await evening.during(async () => {
      await evening.served(50);
      safe = [...evening.answers];
      await evening.replicatedTo(standby);
      await replication.stop();
      await evening.served(50);
      againMs = await failOver(primary, standby, evening);
      await evening.served(100);
    });
    const lost = await evening.lost();
    evening.report('failed over, asynchronous', { againMs, lost: lost.length });
    expectBearable(evening, { againMs });
    expect(lost.length).toBeGreaterThanOrEqual(50);
    expect(lost.filter((answer) => safe.includes(answer))).toEqual([]);
  }, 300_000);
});
