import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SCRIPT = resolve('scripts/build.mjs');
const FILES = ['nest-cli.json', 'package-lock.json', 'tsconfig.build.json', 'tsconfig.json', 'apps/sub/main.ts'];
let folder: string;
const at = (path: string) => join(folder, path);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'build-'));
  for (const name of ['apps/sub', 'libs', 'node_modules/.bin']) mkdirSync(at(name), { recursive: true });
  for (const name of FILES) writeFileSync(at(name), '');
  tool('prisma', 'echo generated');
});
afterAll(() => rmSync(folder, { recursive: true }));

function tool(name: string, script: string): void {
  writeFileSync(at(`node_modules/.bin/${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function run(script = 'echo') {
  tool('nest', `mkdir -p dist && echo x >> builds && ${script}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT], { cwd: folder, encoding: 'utf8' });
  return { status, stdout, built: stderr.includes('building'), stderr };
}
const BUILT = { status: 0, stdout: '', built: true };
const FRESH = { status: 0, stdout: '', built: false };

it('builds what is missing or other than its sources, fails as the build does, and keeps the standard output free', () => {
  // What a failed build has made of it is not taken for a build.
  for (let time = 1; time <= 2; time += 1) {
    const { stderr, ...failed } = run('echo main.ts is wrong && exit 7');
    expect(failed).toEqual({ status: 7, stdout: '', built: true });
    expect(stderr).toContain('main.ts is wrong');
  }
  expect(run()).toMatchObject(BUILT);
  expect(run()).toMatchObject(FRESH);
  // As Emacs leaves one beside a file that is being edited; and what is no part of the build.
  symlinkSync('nowhere', at('apps/sub/.#main.ts'));
  writeFileSync(at('apps/sub/main.spec.ts'), 'changed');
  expect(run()).toMatchObject(FRESH);
  for (const source of FILES) {
    writeFileSync(at(source), 'changed');
    expect([source, run()]).toMatchObject([source, BUILT]);
  }
  // What was built of a source that is gone goes with it.
  mkdirSync(at('dist/apps/sub'), { recursive: true });
  for (const name of ['main.js', 'main.js.map', 'old.js', 'old.js.map']) writeFileSync(at(`dist/apps/sub/${name}`), '');
  writeFileSync(at('apps/sub/main.ts'), 'changed again');
  expect(run()).toMatchObject(BUILT);
  expect(readdirSync(at('dist/apps/sub')).toSorted()).toEqual(['main.js', 'main.js.map']);
  renameSync(at('apps/sub/main.ts'), at('libs/main.ts'));
  expect(run()).toMatchObject(BUILT);
  expect(readdirSync(at('dist/apps/sub'))).toEqual([]);
  rmSync(at('dist'), { recursive: true });
  expect(run()).toMatchObject(BUILT);
  expect(run()).toMatchObject(FRESH);
  expect(readFileSync(at('builds'), 'utf8')).toBe('x\n'.repeat(11));
}, 30_000);
