// A real PgBouncer between clients and a Postgres server, on a free port of 127.0.0.1, with its defaults where nothing is said.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrl, freePort, unprivilegedUser } from '@app/embedded-postgres';
import { within } from './deadline.js';
import { toolPath } from './tools.js';

export interface PgBouncerOptions {
  /** Connection string of the server; its user, who has to have a password there, is the one that may come in. */
  server: string;
  poolMode?: 'session' | 'transaction' | 'statement';
  /** Further settings of the section `[pgbouncer]`. */
  settings?: Readonly<Record<string, string>>;
}

export class PgBouncer {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly address: string,
  ) {}

  /** @throws Error with its own words when it does not start */
  static async start({ server, poolMode = 'transaction', settings = {} }: PgBouncerOptions): Promise<PgBouncer> {
    const { hostname, port, username, password } = new URL(server);
    const folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'));
    const users = join(folder, 'users');
    const configuration = join(folder, 'pgbouncer.ini');
    const address = new URL(server);
    address.port = String(await freePort());
    address.hostname = '127.0.0.1';
    const all = {
      listen_addr: '127.0.0.1',
      listen_port: address.port,
      unix_socket_dir: '',
      auth_file: users,
      pool_mode: poolMode,
      ...settings,
    };
    await writeFile(users, `${quoted(username)} ${quoted(password)}\n`);
    await writeFile(
      configuration,
      [
        '[databases]',
        `* = host=${hostname} port=${port || 5432}`,
        '[pgbouncer]',
        ...Object.entries(all).map(([name, value]) => `${name} = ${value}`),
        '',
      ].join('\n'),
    );
    // It refuses to run as root, and whoever it runs as has to read these.
    await chmod(folder, 0o755);
    const child = spawn(toolPath('pgbouncer') ?? '', [configuration], {
      ...unprivilegedUser(),
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const pgbouncer = new PgBouncer(child, folder, address.href);
    try {
      await within(10_000, 'PgBouncer starts', started(child));
      return pgbouncer;
    } catch (error) {
      await pgbouncer.stop();
      throw error;
    }
  }

  /** Connection string, through it, of a database on the server. */
  url(database: string): string {
    return databaseUrl(this.address, database);
  }

  /** Ends it at once, with every connection. */
  async stop(): Promise<void> {
    const { process: child } = this;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

function started(child: ChildProcess): Promise<void> {
  let words = '';
  return new Promise((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      words = (words + chunk).slice(-2000);
      if (words.includes('process up')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`PgBouncer ended while starting: ${words.trim()}`)));
  });
}

/** As its file of users wants it, from the text of a connection string. */
function quoted(text: string): string {
  return `"${decodeURIComponent(text).replaceAll('"', '""')}"`;
}
