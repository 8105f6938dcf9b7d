// The commands of the image, run from the tree that the image has: its packages, dist and the migrations, nothing else.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createDatabase, dropDatabase } from '@app/embedded-postgres';
import { inContinuousIntegration } from '../support/tools.js';

const run = promisify(execFile);
const NAME = `production_tree_${process.pid}`;

// It downloads packages for a quarter of a minute, so only CI does it.
describe.skipIf(!inContinuousIntegration())('the tree of the image (needs the npm registry, so in CI alone)', () => {
  let tree: string;
  let environment: Record<string, string>;

  const node = async (...command: string[]): Promise<string> => {
    const { stdout } = await run(process.execPath, command, { cwd: tree, env: environment });
    return stdout;
  };

  beforeAll(async () => {
    tree = mkdtempSync(join(tmpdir(), 'production-tree-'));
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) cpSync(file, join(tree, file));
    await run('sh', [resolve('deploy/production-tree.sh')], { cwd: tree });
    cpSync('dist', join(tree, 'dist'), { recursive: true });
    mkdirSync(join(tree, 'prisma'));
    cpSync('prisma/migrations', join(tree, 'prisma/migrations'), { recursive: true });

    const { services } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
      services: Record<string, { environment: Record<string, string | number> }>;
    };
    const settings = Object.entries(services.entitlement?.environment ?? {}).map(([name, value]) => [
      name,
      String(value),
    ]);
    environment = {
      ...(Object.fromEntries(settings) as Record<string, string>),
      PATH: process.env.PATH ?? '',
      NODE_ENV: 'production',
      DATABASE_URL: await createDatabase(inject('serverUrl'), NAME),
      AUTH_JWKS_FILE: join(tree, '.stack/port-3000/jwks.json'),
    };
  }, 300_000);

  afterAll(async () => {
    rmSync(tree, { recursive: true, force: true });
    await dropDatabase(inject('serverUrl'), NAME);
  });

  it('applies the migrations, writes the demo data, maintains the ledger', async () => {
    expect(await node('dist/scripts/db-migrate.js')).toContain('migration(s) applied');
    expect(await node('dist/scripts/db-seed.js')).toContain('The demo data is written');
    expect(await node('dist/scripts/ledger-maintain.js', '--dry-run')).not.toBe('');
    expect(await node('dist/scripts/db-roles.js', '--dry-run')).toContain('A dry run');
  });

  it('makes the demo issuer and its tokens', async () => {
    expect(await node('dist/scripts/demo-keys.js')).toContain('has new keys');
    expect(await node('dist/scripts/demo-keys.js')).toContain('has its keys');
    expect(await node('dist/scripts/token.js', 'bob')).toMatch(/^ey[\w-]+\.[\w-]+\.[\w-]+\n$/);
  });

  it('has the command line', async () => {
    expect(await node('dist/apps/entitlementctl/src/main.js', '--help')).toContain('Usage');
  });

  it.each([
    ['service', 'dist/apps/entitlement/src/main.js', { PORT: '0', MANAGEMENT_PORT: '0' }],
    ['emulator', 'dist/apps/expressplay-emulator/src/main.js', { EMULATOR_PORT: '0' }],
  ])('starts the %s, which ends when it is told to', async (_name, main, ports) => {
    const child = spawn(process.execPath, [main], {
      cwd: tree,
      env: { ...environment, ...ports, HOST: '127.0.0.1', MANAGEMENT_HOST: '127.0.0.1', SHUTDOWN_DRAIN_SECONDS: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    try {
      const lines: string[] = [];
      for await (const line of createInterface(child.stdout)) {
        lines.push(line);
        if (line.includes('listening on')) break;
      }
      expect(lines.at(-1)).toContain('listening on');
    } finally {
      child.kill('SIGTERM');
    }
    // It gives itself the signal again when all is closed; as the first process of a container it just ends.
    expect(await ended).toEqual([null, 'SIGTERM']);
  });
});
