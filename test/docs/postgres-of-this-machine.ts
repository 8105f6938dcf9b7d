// A PostgreSQL of the machine, with its client programs: the embedded one has neither pg_dump nor psql.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { rm } from 'node:fs/promises';
import { freePort } from '@app/embedded-postgres';

const PROGRAMS = ['initdb', 'pg_ctl', 'pg_dump', 'pg_restore', 'psql'];

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

/** A server in a temporary folder, on a free port of 127.0.0.1. */
export class MachinePostgres {
  private constructor(
    /** Connection string of the superuser for the database `postgres`. */
    readonly url: string,
    private readonly folder: string,
    private readonly control: (...args: string[]) => void,
  ) {}

  static async start(programs: string): Promise<MachinePostgres> {
    const folder = mkdtempSync(join(tmpdir(), 'machine-postgres-'));
    chmodSync(folder, 0o777);
    const data = join(folder, 'data');
    const port = await freePort();
    const run = (program: string, ...args: string[]) => {
      // PostgreSQL refuses to run as root.
      const owner = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
      const { status, stderr } = spawnSync(join(programs, program), args, { ...owner, cwd: folder, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
    };
    run('initdb', '--pgdata', data, '--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync');
    const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`;
    const log = join(folder, 'log');
    const control = (...args: string[]) => run('pg_ctl', '--pgdata', data, '--wait', '--log', log, ...args);
    control('--options', options, 'start');
    return new MachinePostgres(`postgresql://postgres@127.0.0.1:${port}/postgres`, folder, control);
  }

  async stop(): Promise<void> {
    this.control('--mode', 'immediate', 'stop');
    await rm(this.folder, { recursive: true, force: true });
  }
}

function idOf(flag: '-u' | '-g'): number {
  const { stdout } = spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' });
  return Number(stdout);
}
