// Migrations through a pooler that gives a connection to whoever begins the next transaction.
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { applyMigrations, maintainLedger, MigrationLockedError } from '@app/platform/database';
import { createDatabase, dropDatabase } from '@app/embedded-postgres';
import { PgBouncer } from '../support/pgbouncer.js';
import { hasTool } from '../support/tools.js';

describe.skipIf(!hasTool('pgbouncer'))('migrations through PgBouncer (needs pgbouncer)', () => {
  const name = `poolers_migrations_${process.pid}`;
  let pgbouncer: PgBouncer;
  let through: string;
  /** A session of somebody else's, on Postgres itself. */
  let other: Client;

  beforeAll(async () => {
    pgbouncer = await PgBouncer.start({ server: inject('serverUrl') });
    through = pgbouncer.url(name);
  });
  afterAll(() => pgbouncer?.stop());
  beforeEach(async () => {
    other = new Client({
      connectionString: await createDatabase(inject('serverUrl'), name),
      application_name: 'somebody else',
    });
    await other.connect();
    return async () => {
      await other.end();
      await dropDatabase(inject('serverUrl'), name);
    };
  });

  const change = async (of: 'lock' | 'unlock') => {
    await other.query(`SELECT pg_advisory_${of}(72707369)`);
  };

  it('are applied once, and leave nothing on the pooled connection', async () => {
    expect((await applyMigrations(through)).length).toBeGreaterThan(0);
    // The server's other databases have locks of other tests.
    const locks = await other.query(
      `SELECT FROM pg_locks JOIN pg_database ON oid = database WHERE datname = current_database() AND locktype = 'advisory'`,
    );
    expect(locks.rowCount).toBe(0);
    const next = new Client({ connectionString: through });
    await next.connect();
    const settings = await next.query('SHOW client_min_messages');
    await next.end();
    expect(settings.rows).toEqual([{ client_min_messages: 'notice' }]);
    expect(await applyMigrations(through)).toEqual([]);
    const maintenance = { now: new Date('2040-01-15T00:00:00Z'), monthsAhead: 1 };
    expect(await maintainLedger(through, maintenance)).toMatchObject({ created: { length: 2 }, failed: [] });
  });

  it('wait for another one, and say so once', async () => {
    await change('lock');
    const waits: number[] = [];
    let unlocked: Promise<void> | undefined;
    const applied = await applyMigrations(through, {
      onWaiting: (milliseconds) => {
        waits.push(milliseconds);
        unlocked = change('unlock');
      },
    });
    await unlocked;
    expect(waits).toEqual([60_000]);
    expect(applied.length).toBeGreaterThan(0);
  });

  it('give up waiting for a lock that stays, and say who has it', async () => {
    await change('lock');
    const waits: number[] = [];
    const error: unknown = await applyMigrations(through, {
      waitMs: 600,
      onWaiting: (milliseconds) => waits.push(milliseconds),
    }).catch((thrown: unknown) => thrown);
    expect(waits).toEqual([600]);
    expect(error).toBeInstanceOf(MigrationLockedError);
    const { rows } = await other.query<{ session: string }>(
      `SELECT format('process %s (user %s, application "somebody else")', pg_backend_pid(), current_user) AS session`,
    );
    expect(String(error)).toContain(`0.6 s: ${rows[0]?.session}.`);
    await change('unlock');
    expect((await applyMigrations(through)).length).toBeGreaterThan(0);
  });
});
