import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SCRIPT = resolve('scripts/build-when-stale.mjs');
const BEFORE = new Date('2026-01-01T00:00:00Z');
const SOURCES = ['apps', 'libs', 'prisma', 'scripts', 'package-lock.json', 'apps/sub', 'apps/sub/main.ts'];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'build-when-stale-'));
  for (const name of ['apps/sub', 'libs', 'prisma', 'scripts']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['package-lock.json', 'apps/sub/main.ts']) writeFileSync(join(folder, name), '');
  for (const name of SOURCES) utimesSync(join(folder, name), BEFORE, BEFORE);
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(build: string) {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { build } }));
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, 'built'], { cwd: folder, encoding: 'utf8' });
  return { status, stdout, built: stderr.includes('building') };
}
const BUILD = 'echo building && echo x >> built';

it(
  'builds what is missing or older than a source, fails as the build does, and keeps the standard output free',
  { timeout: 30_000 },
  () => {
    // What a failed build has made of it is not taken for a build.
    for (let time = 1; time <= 2; time += 1) {
      expect(run(`${BUILD} && exit 7`)).toEqual({ status: 7, stdout: '', built: true });
    }
    expect(run(BUILD)).toEqual({ status: 0, stdout: '', built: true });
    expect(run(BUILD)).toEqual({ status: 0, stdout: '', built: false });
    // As Emacs leaves one beside a file that is being edited.
    symlinkSync('nowhere', join(folder, 'apps/sub/.#main.ts'));
    utimesSync(join(folder, 'apps/sub'), BEFORE, BEFORE);
    expect(run(BUILD)).toEqual({ status: 0, stdout: '', built: false });
    for (const source of ['package-lock.json', 'apps/sub/main.ts', 'libs']) {
      const later = new Date(Date.now() + 60_000);
      utimesSync(join(folder, source), later, later);
      expect([source, run(BUILD)]).toEqual([source, { status: 0, stdout: '', built: true }]);
      utimesSync(join(folder, source), BEFORE, BEFORE);
    }
    expect(readFileSync(join(folder, 'built'), 'utf8')).toBe('x\n'.repeat(4));
  },
);
