// Postgres restarted under load: every request is answered, nobody has a token that the ledger does not know, and it is well again
// by itself.
import { afterEach, describe, it } from 'vitest';
import { MachinePostgres, postgresFolder } from '../support/machine-postgres.js';
import { inContinuousIntegration } from '../support/tools.js';
import { Evening, expectBearable, expectBooks } from './evening.js';

const programs = postgresFolder();
if (programs === undefined && inContinuousIntegration()) throw new Error('CI needs a PostgreSQL with its programs.');

describe.skipIf(programs === undefined)('Postgres is restarted (needs PostgreSQL with pg_ctl)', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  it.each(['fast', 'immediate'])(
    'in the mode %s, three times under load',
    async (mode) => {
      const server = await MachinePostgres.start(programs ?? '');
      ends.push(() => server.stop());
      const evening = await Evening.start(server);
      ends.push(() => evening.stop());
      const recoveries: number[] = [];
      const restarts: number[] = [];
      await evening.during(async () => {
        for (let n = 0; n < 3; n += 1) {
          const from = performance.now();
          await server.control('--mode', mode, 'restart');
          restarts.push(performance.now() - from);
          recoveries.push(await evening.served());
          await evening.served(100);
        }
      });
      evening.report(`restarted (${mode})`, { restartMs: Math.max(...restarts), againMs: Math.max(...recoveries) });
      expectBearable(evening, { againMs: Math.max(...recoveries), troubles: 3 });
      await expectBooks(evening);
    },
    300_000,
  );
});
