// A Postgres server of the run's own, with the demo data: it is stopped, killed, restarted and paused.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Pool, type QueryResultRow } from 'pg';
import { inject } from 'vitest';
import { applyMigrations, PrismaService } from '@app/platform/database';
import { createDatabase } from '@app/embedded-postgres';
import { seedDemoData } from '../../prisma/seed/demo-data.js';
import { MachinePostgres } from '../support/machine-postgres.js';
import type { Dice } from './dice.js';

const RETRY_EVERY_MS = 200;
const AWAY_AFTER_MS = 1000;
const START_TRIES = 150;

export class OwnPostgres {
  private constructor(
    readonly url: string,
    private readonly server: MachinePostgres,
    private readonly folder: string,
    private readonly pool: Pool,
  ) {}

  /** @param programs what `postgresFolder` found */
  static async start(programs: string): Promise<OwnPostgres> {
    const server = await MachinePostgres.start(programs);
    const url = await createDatabase(server.url, 'chaos');
    await applyMigrations(url);
    const prisma = new PrismaService({ url, poolSize: 1, timeoutMs: 30_000 });
    await seedDemoData(prisma, { id: 'test', kek: Buffer.from(inject('kek'), 'hex') }, new Date());
    await prisma.onApplicationShutdown();
    const pool = new Pool({ connectionString: url, max: 1 });
    pool.on('error', () => undefined);
    const { rows } = await pool.query<{ folder: string }>(`SELECT current_setting('data_directory') AS folder`);
    return new OwnPostgres(url, server, rows[0]?.folder ?? '', pool);
  }

  async query<T extends QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.pool.query<T>(sql, values)).rows;
  }

  /** Ends it: transactions under way are taken back (`fast`), or it has to recover when it starts (`immediate`). */
  stop(mode: string): Promise<void> {
    return this.server.control('--mode', mode, 'stop');
  }

  /** Starts it, as soon as what is left of a killed one has gone. */
  async start(tries = START_TRIES): Promise<void> {
    await this.server.start().catch(async (error: unknown) => {
      if (tries === 1) throw error;
      await delay(RETRY_EVERY_MS);
      await this.start(tries - 1);
    });
  }

  /** The first process, or all: those of its sessions and its own helpers too. */
  async signal(signal: NodeJS.Signals, whom: 'first' | 'all'): Promise<void> {
    const [line] = (await readFile(join(this.folder, 'postmaster.pid'), 'utf8')).split('\n');
    const first = Number(line);
    process.kill(first, signal);
    if (whom === 'first') return;
    const children = await readFile(`/proc/${first}/task/${first}/children`, 'utf8');
    for (const pid of children
      .split(' ')
      .map(Number)
      .filter((child) => child > 0)) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has gone meanwhile.
      }
    }
  }

  /** Whether it takes nobody in, for whatever reason. */
  async isAway(): Promise<boolean> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: AWAY_AFTER_MS });
    client.on('error', () => undefined);
    const isAway = await client.connect().then(
      () => false,
      () => true,
    );
    if (!isAway) await client.end();
    return isAway;
  }

  /** Kills one session of the service, as soon as there is one, and waits until it has gone: the server then ends all others and recovers. */
  async killSession(dice: Dice): Promise<void> {
    for (;;) {
      const sql = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'entitlement'`;
      // It may still be recovering.
      const sessions = await this.query<{ pid: number }>(sql).catch(() => []);
      if (sessions.length > 0) {
        const { pid } = dice.pick(sessions);
        process.kill(pid, 'SIGKILL');
        while (existsSync(`/proc/${pid}`)) await delay(10);
        return;
      }
      await delay(RETRY_EVERY_MS);
    }
  }

  async drop(): Promise<void> {
    await this.pool.end();
    await this.server.stop();
  }
}
