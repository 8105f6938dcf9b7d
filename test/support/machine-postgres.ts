// A PostgreSQL of the machine, with its client programs, that a test can restart, fill up, and follow with a standby: the embedded
// one has none of pg_dump, psql and pg_basebackup, and is everybody's.
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, unprivilegedUser } from '@app/embedded-postgres';

const PROGRAMS = ['initdb', 'pg_basebackup', 'pg_ctl', 'pg_dump', 'pg_restore', 'psql'];

/** The folder of a whole PostgreSQL: where Debian has them, or on the path; undefined when there is none. */
export function postgresFolder(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const candidates = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return candidates.find((folder) => PROGRAMS.every((program) => existsSync(join(folder, program))));
}

/** Where a server's files are, and what it is like. */
export interface MachinePostgresOptions {
  /** Empty folders for data and write-ahead log; by default both are in a temporary one. */
  data?: string;
  wal?: string;
  /** `name=value` settings. */
  settings?: readonly string[];
}

/** A server on a free port of 127.0.0.1. */
export class MachinePostgres {
  private constructor(
    /** Connection string of the superuser for the database `postgres`. */
    readonly url: string,
    private readonly programs: string,
    private readonly folder: string,
    private readonly data: string,
  ) {}

  /** @param programs what `postgresFolder` found */
  static async start(programs: string, options: MachinePostgresOptions = {}): Promise<MachinePostgres> {
    const server = await MachinePostgres.#in(programs, options.data);
    const { wal, settings = [] } = options;
    const all = [...settings, 'fsync=off'].flatMap((setting) => ['-c', setting]);
    const made = [
      '--pgdata',
      server.data,
      '--username',
      'postgres',
      '--auth',
      'trust',
      '--encoding',
      'UTF8',
      '--no-sync',
    ];
    const logged = ['--wal-segsize', '1', ...(wal === undefined ? [] : ['--waldir', wal])];
    await server.#run('initdb', ...made, ...logged);
    await server.start(all);
    return server;
  }

  static async #in(programs: string, data?: string): Promise<MachinePostgres> {
    const folder = mkdtempSync(join(tmpdir(), 'machine-postgres-'));
    chmodSync(folder, 0o777);
    const url = `postgresql://postgres@127.0.0.1:${await freePort()}/postgres`;
    return new MachinePostgres(url, programs, folder, data ?? join(folder, 'data'));
  }

  /**
   * A copy that follows this server, and takes no writes until it is promoted.
   * @param through where it follows it; by default directly
   */
  async standby(through = this.url): Promise<MachinePostgres> {
    const copy = await MachinePostgres.#in(this.programs);
    await this.#run(
      'pg_basebackup',
      '--dbname',
      through,
      '--pgdata',
      copy.data,
      '--write-recovery-conf',
      '--wal-method',
      'stream',
      '--checkpoint',
      'fast',
      '--no-sync',
    );
    await copy.start(['-c', 'fsync=off']);
    return copy;
  }

  /** Starts one that has stopped. @param more options of its command line, kept by restarts */
  start(more: readonly string[] = []): Promise<void> {
    const port = new URL(this.url).port;
    const options = ['-p', port, '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', ...more];
    return this.control('--options', options.join(' '), 'start');
  }

  /** All that it has logged. */
  words(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  /** Runs `pg_ctl`, and waits for what it does. */
  control(...args: string[]): Promise<void> {
    return this.#run('pg_ctl', '--pgdata', this.data, '--log', join(this.folder, 'log'), '--wait', ...args);
  }

  async stop(): Promise<void> {
    // One that has gone by itself has nothing to stop.
    await this.control('--mode', 'immediate', 'stop').catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true });
  }

  async #run(program: string, ...args: string[]): Promise<void> {
    // PostgreSQL refuses to run as root.
    const owner = unprivilegedUser();
    await promisify(execFile)(join(this.programs, program), args, { ...owner, cwd: this.folder, timeout: 120_000 });
  }
}
