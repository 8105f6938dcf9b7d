import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

interface Locked {
  version: string;
  resolved?: string;
  integrity?: string;
  hasInstallScript?: boolean;
}

/** A project in which all is well; each test spoils one thing. */
function project() {
  const locked = (version: string): Locked => ({
    version,
    resolved: `https://registry.npmjs.org/x/-/x-${version}.tgz`,
    integrity: 'sha512-AAAA',
  });
  const dependencies: Record<string, string> = { '@a/ships': '1.2.3' };
  const devDependencies: Record<string, string> = { tests: '0.1.0-beta.1' };
  const packages = {
    '': { dependencies: { ...dependencies }, devDependencies: { ...devDependencies } },
    'node_modules/@a/ships': locked('1.2.3'),
    'node_modules/tests': locked('0.1.0-beta.1'),
    'node_modules/tests/node_modules/@b/below': { ...locked('2.0.0'), hasInstallScript: true },
  };
  const allowScripts: Record<string, boolean> = { '@b/below': false };
  const list = [
    '# Dependencies',
    '',
    '## What ships',
    '',
    '| package | why |',
    '| --- | --- |',
    '| `@a/ships` | does the work |',
    '',
    '## What builds and tests',
    '',
    '| package | why |',
    '| --- | --- |',
    '| `tests` | tests the work |',
    '',
  ];
  return { manifest: { dependencies, devDependencies, allowScripts }, packages, list };
}

function check({ manifest, packages, list }: ReturnType<typeof project>): { status: number | null; stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), 'dependencies-'));
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
    mkdirSync(join(folder, 'docs'));
    writeFileSync(join(folder, 'docs/dependencies.md'), list.join('\n'));
    return spawnSync(process.execPath, ['scripts/checks/dependencies.mjs', folder], { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it('finds nothing where all is well', () => {
  expect(check(project())).toMatchObject({ status: 0, stderr: '' });
});

it.each<[string, (spoiled: ReturnType<typeof project>) => void, string]>([
  ['not in the list', ({ list }) => list.splice(6, 1), '@a/ships has no line under "## What ships"'],
  [
    'in the list of the others',
    ({ list }) => list.splice(12, 0, ...list.splice(6, 1)),
    'is not among the devDependencies',
  ],
  ['without a reason', ({ list }) => list.splice(6, 1, '| `@a/ships` | |'), '@a/ships has no reason'],
  [
    'gone, and still in the list',
    ({ list }) => list.splice(7, 0, '| `gone` | did work |'),
    'gone is not among the dependencies',
  ],
  [
    'asked for by a range',
    ({ manifest, packages }) => {
      manifest.dependencies['@a/ships'] = '^1.2.3';
      packages[''].dependencies['@a/ships'] = '^1.2.3';
    },
    '@a/ships: ^1.2.3 is not an exact version',
  ],
  [
    'locked at another version',
    ({ packages }) => (packages['node_modules/@a/ships'].version = '1.2.4'),
    '@a/ships is not locked at 1.2.3',
  ],
  [
    'changed without the lock file',
    ({ packages }) => (packages[''].dependencies['@a/ships'] = '1.2.2'),
    '@a/ships is not locked at 1.2.3',
  ],
  [
    'from another place',
    ({ packages }) => (packages['node_modules/tests'].resolved = 'git+ssh://git@example.com/tests.git'),
    'node_modules/tests does not come from https://registry.npmjs.org/',
  ],
  [
    'without a checksum',
    ({ packages }) => delete packages['node_modules/tests'].integrity,
    'node_modules/tests has no SHA-512 checksum',
  ],
  [
    'with an install script that nobody decided on',
    ({ manifest }) => delete manifest.allowScripts['@b/below'],
    '@b/below has an install script',
  ],
  [
    'with an install script that was decided on for one version, which npm does not match',
    ({ manifest }) => (manifest.allowScripts = { '@b/below@2.0.0': true }),
    '@b/below has an install script',
  ],
  [
    'without an install script, and decided on',
    ({ manifest }) => (manifest.allowScripts.tests = false),
    'allowScripts decides on tests',
  ],
])('finds a package %s', (_what, spoil, finding) => {
  const spoiled = project();
  spoil(spoiled);
  const { status, stderr } = check(spoiled);
  expect(status).toBe(1);
  expect(stderr).toContain(finding);
});
