// A real PostgreSQL server in a folder of its own, for demo, stack, tests and bench; gone when its owner ends.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, lchown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import {
  installedBinaries,
  runnableBinaries,
  unprivilegedUser,
  type PostgresBinaries,
  type RunAs,
} from './binaries.js';

/** A running server. */
export interface EmbeddedPostgres {
  /** Connection string of the superuser for the database `postgres`. */
  readonly url: string;
  /** The folder with its data, removed when it stops. */
  readonly folder: string;
  /** Stops the server and removes its folder. */
  stop(): Promise<void>;
}

const USER = 'postgres';
const START_DEADLINE_MS = 60_000;

// Data lives as long as the command that started the server, so nothing is lost by not waiting for the disk.
const SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'];

// The shell outlives nobody: when the pipe on its standard input closes, because the owner stopped the server or was
// killed outright, it stops PostgreSQL and removes the folder.
const GUARDIAN = `
exec 3<&0
folder=$1; shift
"$@" </dev/null & server=$!
( cat <&3 >/dev/null; kill -INT $server 2>/dev/null ) &
wait $server
rm -rf "$folder"`;

/**
 * Makes a cluster in a temporary folder and starts it on a free port of 127.0.0.1, protected by a random password.
 * @param settings further `name=value` settings of PostgreSQL
 * @throws Error with PostgreSQL's own words when it does not start
 */
export async function startEmbeddedPostgres(settings: readonly string[] = []): Promise<EmbeddedPostgres> {
  const runAs = unprivilegedUser();
  const folder = await mkdtemp(join(tmpdir(), 'entitlement-postgres-'));
  try {
    const binaries = await runnableBinaries(await installedBinaries(), runAs, folder);
    const password = randomBytes(16).toString('hex');
    await initialise(binaries, runAs, folder, password);
    return await start(binaries, runAs, folder, password, settings);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function initialise(
  binaries: PostgresBinaries,
  runAs: RunAs | undefined,
  folder: string,
  password: string,
): Promise<void> {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (runAs !== undefined) await giveTo(runAs, folder);
  await chmod(folder, 0o700);
  const { status, stderr } = spawnSync(
    binaries.initdb,
    [
      `--pgdata=${join(folder, 'data')}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ],
    { ...runAs, cwd: folder, encoding: 'utf8' },
  );
  await rm(passwordFile);
  if (status !== 0) throw new Error(`initdb failed: ${stderr.trim()}`);
}

async function start(
  binaries: PostgresBinaries,
  runAs: RunAs | undefined,
  folder: string,
  password: string,
  settings: readonly string[],
): Promise<EmbeddedPostgres> {
  const port = await freePort();
  const options = [...SETTINGS, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', ...settings].flatMap(
    (setting) => ['-c', setting],
  );
  const command = [binaries.postgres, '-D', join(folder, 'data'), '-p', String(port), ...options];
  // A process group of its own, so that Ctrl-C reaches the owner alone and the owner decides the order of ending.
  const guardian = spawn('/bin/sh', ['-c', GUARDIAN, 'sh', folder, ...command], {
    ...runAs,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let words = '';
  guardian.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    words = (words + chunk).slice(-2000);
  });
  const url = `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`;
  const server = { url, folder, stop: () => stop(guardian) };
  try {
    await untilReady(url, guardian, () => words);
  } catch (error) {
    await server.stop();
    throw error;
  }
  unrefPipes(guardian);
  return server;
}

async function untilReady(url: string, guardian: ChildProcess, words: () => string): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    if (guardian.exitCode !== null) throw new Error(`PostgreSQL ended while starting: ${words().trim()}`);
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return;
    } catch (cause) {
      if (Date.now() > deadline)
        throw new Error(`PostgreSQL did not start within a minute: ${words().trim()}`, { cause });
      await delay(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function stop(guardian: ChildProcess): Promise<void> {
  if (guardian.exitCode !== null) return;
  guardian.ref();
  const ended = once(guardian, 'exit');
  guardian.stdin?.end();
  await ended;
}

/** The server must not keep its owner's process alive. */
function unrefPipes(guardian: ChildProcess): void {
  guardian.unref();
  for (const stream of [guardian.stdin, guardian.stderr])
    (stream as unknown as { unref?: () => void } | null)?.unref?.();
}

async function giveTo({ uid, gid }: RunAs, folder: string): Promise<void> {
  await chown(folder, uid, gid);
  for (const path of await readdir(folder, { recursive: true })) await lchown(join(folder, path), uid, gid);
}

/** Asks the operating system for a free port on 127.0.0.1. Another process may still take it before the caller does. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
