import { spawnSync } from 'node:child_process';
import { cp, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installedBinaries, runnableBinaries } from './binaries.js';

describe('runnableBinaries', { timeout: 60_000 }, () => {
  it('makes binaries run whose libraries were never linked, as after an install without scripts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'entitlement-binaries-'));
    const native = join(folder, 'package', 'native');
    const installed = await installedBinaries();
    await cp(dirname(dirname(installed.initdb)), native, { recursive: true, verbatimSymlinks: true });
    await removeLinks(join(native, 'lib'));
    const unlinked = { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
    expect(spawnSync(unlinked.initdb, ['--version']).status).not.toBe(0);

    const target = join(folder, 'target');
    await mkdir(target);
    const { initdb, postgres } = await runnableBinaries(unlinked, undefined, target);
    for (const binary of [initdb, postgres]) expect(spawnSync(binary, ['--version']).status).toBe(0);
    await rm(folder, { recursive: true });
  });
});

async function removeLinks(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if ((await lstat(path)).isSymbolicLink()) await rm(path);
  }
}
