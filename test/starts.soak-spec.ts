// The compiled service where it cannot start, in the form that its log has; and with the packages that ship alone.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Client } from 'pg';
import { SystemClock } from '@app/platform/clock';
import { databaseUrl, dropDatabase } from '@app/embedded-postgres';
import { CompiledService, ensureBuilt } from './canary/compiled-service.js';
import { AUDIENCE, ISSUER, TestIssuer } from './support/issuer.js';
import { AUTHENTICATOR } from './support/test-service.js';

const LATIN = `starts_${process.pid}`;

type Variables = Record<string, string>;
type Line = Record<string, unknown>;

let issuer: TestIssuer;
let other: Server;
let good: Variables;
let taken: string;

beforeAll(async () => {
  await ensureBuilt();
  issuer = await TestIssuer.create(new SystemClock());
  other = createServer();
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  taken = String((other.address() as AddressInfo).port);
  const client = new Client({ connectionString: inject('serverUrl') });
  await client.connect();
  await client.query(`CREATE DATABASE ${LATIN} ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`);
  await client.end();
  good = {
    PATH: process.env.PATH ?? '',
    PORT: '0',
    MANAGEMENT_PORT: '0',
    DATABASE_URL: inject('serverUrl'),
    EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: AUTHENTICATOR,
    CONTENT_KEY_KEKS: `test=${inject('kek')}`,
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_JWKS_URL: issuer.jwksUrl,
    SHUTDOWN_DRAIN_SECONDS: '0',
  };
}, 120_000);
afterAll(async () => {
  other.close();
  await Promise.all([issuer.remove(), dropDatabase(inject('serverUrl'), LATIN)]);
});

/** What a service writes that ends at once. */
async function refusal(changes: Variables): Promise<string> {
  const service = new CompiledService({ ...good, ...changes });
  expect(await service.ended()).toBe(1);
  return service.output.trimEnd();
}

function linesOf(output: string): Line[] {
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

describe('a start that is refused', () => {
  it.each<[string, () => Variables, RegExp]>([
    ['settings', () => ({ AUTH_ISSUER: '', LOG_LEVEL: 'x' }), /^AUTH_ISSUER: .+\nLOG_LEVEL: .+$/],
    ['a file of keys', () => ({ AUTH_JWKS_URL: 'file:///nowhere' }), /^AUTH_JWKS_URL: names a file that is not .+$/],
    ['a secret', () => ({ CONTENT_KEY_KEKS: 'x' }), /^CONTENT_KEY_KEKS: .+$/],
    [
      'the database',
      () => ({ DATABASE_URL: databaseUrl(inject('serverUrl'), LATIN) }),
      /^The database cannot be used: its encoding is LATIN1\. .+$/,
    ],
    ['its host', () => ({ HOST: '203.0.113.7' }), /^203\.0\.113\.7 is no address of this machine\. .+$/],
    ['its port', () => ({ PORT: taken }), /^Port \d+ on .+ is taken .+$/],
    ['the port of management', () => ({ MANAGEMENT_PORT: taken }), /^Port \d+ on .+ MANAGEMENT_PORT=\d+\.$/],
  ])('for %s is said in the form of the log', async (_, change, sentence) => {
    const [machines, people] = await Promise.all([
      refusal({ ...change(), LOG_FORMAT: 'json', NODE_ENV: 'development' }),
      refusal({ ...change(), LOG_FORMAT: 'pretty' }),
    ]);
    const wrong = linesOf(machines).filter(({ level }) => level === 'error' || level === 'fatal');
    expect(wrong).toEqual([{ level: 'fatal', time: expect.any(String), msg: expect.stringMatching(sentence) }]);
    expect(people).toMatch(new RegExp(sentence.source, 'm'));
    expect(people).not.toMatch(/^ +at |\[Nest\]|"level"/m);
  });

  it('is a line of JSON by default, and a sentence in development', async () => {
    const wrong = { LOG_LEVEL: 'x' };
    const [machines, people] = await Promise.all([refusal(wrong), refusal({ ...wrong, NODE_ENV: 'development' })]);
    expect(linesOf(machines)).toMatchObject([{ level: 'fatal', msg: people }]);
    expect(people).toMatch(/^LOG_LEVEL: /);
  });
});

describe('what cannot be run', () => {
  const preload = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'18.20.8'}})`;
  const node = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8' });

  it.each([
    ['dist/apps/entitlement/src/main.js', 1],
    ['dist/apps/expressplay-emulator/src/main.js', 1],
    ['dist/apps/entitlement/src/cli.js', 3],
    ['scripts/build.mjs', 1],
  ])('%s under an old Node says so, and ends with %i', (main, exitCode) => {
    const { status, stderr } = node('--import', preload, main);
    expect([status, stderr]).toEqual([
      exitCode,
      'Node 18.20.8 is too old: 20.19.5, 22.15 or 24, or newer, is needed.\n',
    ]);
  });

  it('npm start before a build says what to run', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } };
    const [, launcher = '', main = ''] = scripts.start.split(' ');
    const { status, stderr } = node(launcher, `nowhere/${main}`);
    expect([status, stderr]).toEqual([1, `nowhere/${main} is not there: run \`npm run build\` first.\n`]);
  });
});

describe('with the packages that ship alone', () => {
  let tree: string;

  beforeAll(() => {
    tree = mkdtempSync(join(tmpdir(), 'shipped-'));
    for (const name of ['dist', 'package.json', 'prisma/migrations']) {
      cpSync(name, join(tree, name), { recursive: true });
    }
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>;
    };
    for (const [path, { dev, optional, devOptional }] of Object.entries(packages)) {
      if (!/^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path) || dev || optional || devOptional) continue;
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      symlinkSync(resolve(path), join(tree, path));
    }
  });
  afterAll(() => rmSync(tree, { recursive: true }));

  it('a folder in the place of .env, as mounts make it, is said like whatever refuses a start', async () => {
    mkdirSync(join(tree, '.env'));
    const service = new CompiledService(good, [], tree);
    expect(await service.ended()).toBe(1);
    rmSync(join(tree, '.env'), { recursive: true });
    expect(linesOf(service.output)).toMatchObject([{ level: 'fatal', msg: 'The file .env cannot be read (EISDIR).' }]);
  });

  it.each<Variables>([{ LOG_FORMAT: 'pretty' }, { NODE_ENV: 'development' }])(
    '%j logs lines of JSON, and says why',
    async (more) => {
      const service = new CompiledService({ ...good, ...more }, [], tree);
      try {
        await service.url();
        const lines = linesOf(service.output);
        expect(lines[0]).toMatchObject({ level: 'warn', msg: expect.stringContaining('pino-pretty') });
        expect(lines.at(-1)?.['msg']).toContain('listening on');
      } finally {
        await service.kill();
      }
    },
  );
});
