// The command line: help, usage and tokens; and, compiled, as a process: streams, exit codes and signals.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { decodeJwt, decodeProtectedHeader, exportJWK, importSPKI, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ctl } from './command-line.js';

const MAIN = resolve('dist/apps/entitlement/src/cli.js');
const COMMANDS = [
  [],
  ['doctor'],
  ['explain'],
  ['token'],
  ['keys'],
  ['keys', 'list'],
  ['keys', 'check'],
  ['keys', 'rotate'],
  ['import'],
  ['issuances'],
];
let folder: string;

beforeAll(async () => {
  if (!existsSync(MAIN)) await promisify(execFile)(process.execPath, ['scripts/build.mjs']);
  folder = await mkdtemp(join(tmpdir(), 'entitlementctl-process-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** In a folder of its own, so that no `.env` of this one is read. */
function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
}

async function outcome(child: ChildProcess) {
  const texts = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, ...texts };
}

describe('help', () => {
  it.each(COMMANDS.map((command) => [command.join(' '), command]))('of "%s" has examples', async (_name, command) => {
    const { exitCode, stdout, stderr } = await ctl([...command, '--help']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\nExamples:\n {2}\$ .*entitlementctl /);
    expect(stdout).not.toContain('\u001b');
    expect(await ctl(['help', ...command])).toEqual({ exitCode, stdout, stderr });
  });

  it.each([['nonsense'], ['keys', 'nonsense'], ['doctor', 'nonsense']])(
    'of "%s %s" is wrong usage',
    async (...words) => {
      const { exitCode, stdout, stderr } = await ctl(['help', ...words]);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^error: unknown command '.*nonsense'\n\(see --help\)\n$/);
    },
  );
});

describe('the process', () => {
  it('tells its version', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(await outcome(start(['--version']))).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    [['nonsense'], /unknown command 'nonsense'/],
    [['explain', 'bob'], /missing required argument 'contentId'/],
    [['explain', 'bob', 'sintel', '--no-such'], /unknown option '--no-such'/],
  ])('ends %j with 2, and one document with --json', async (args, message) => {
    const { exitCode, stdout, stderr } = await ctl(args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    const asDocument = await ctl(['--json', ...args]);
    expect(JSON.parse(asDocument.stdout)).toMatchObject({
      error: { exitCode: 2, message: expect.stringMatching(message) },
    });
  });

  it('names every variable that is wrong, without a stack', async () => {
    const { exitCode, stdout, stderr } = await ctl(['explain', 'bob', 'sintel']);
    expect([exitCode, stdout]).toEqual([2, '']);
    for (const name of ['DATABASE_URL', 'CONTENT_KEY_KEKS', 'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR', 'AUTH_ISSUER']) {
      expect(stderr).toMatch(new RegExp(`^${name}: is not set`, 'm'));
    }
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each([
    ['SIGINT', 130, ['issuances']],
    ['SIGTERM', 143, ['issuances']],
    ['SIGINT', 130, ['keys', 'list']],
    ['SIGINT', 130, ['keys', 'check']],
  ] as const)('ends by %s with %i while it waits for a server: %j', async (signal, exitCode, args) => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const child = start(args, {
      DATABASE_URL: `postgresql://x@127.0.0.1:${port}/x`,
      CONTENT_KEY_KEKS: `test=${'0'.repeat(32)}`,
    });
    const ended = outcome(child);
    const [socket] = (await once(silent, 'connection')) as [{ destroy(): void }];
    child.kill(signal);
    expect(await ended).toEqual({ exitCode, stdout: '', stderr: 'Interrupted.\n' });
    socket.destroy();
    silent.close();
  });

  it('ends by an error that nobody caught with 3, and does not print what hangs on it', async () => {
    const preload = `process.on('newListener', (name) => {
      if (name !== 'uncaughtException') return;
      process.nextTick(() => { throw Object.assign(new Error('sent kek=canary'), { config: { key: 'canary' } }); });
    });`;
    const file = join(folder, 'preload.mjs');
    await writeFile(file, preload);
    const child = start(['issuances'], {
      DATABASE_URL: 'postgresql://x@127.0.0.1:9/x',
      NODE_OPTIONS: `--import=${file}`,
    });
    const { exitCode, stdout, stderr } = await outcome(child);
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(JSON.parse(stderr)).toMatchObject({ level: 'fatal', err: { message: 'sent kek=[scrubbed]' } });
    expect(stderr).not.toContain('canary');
  });

  it('ends quietly with 141 when nobody reads on', async () => {
    const child = start(['--help']);
    child.stdout?.destroy();
    expect(await outcome(child)).toEqual({ exitCode: 141, stdout: '', stderr: '' });
  });

  it('says that what it found cannot be written, and ends with 3', async () => {
    const full = await open('/dev/full', 'w');
    const child = spawn(process.execPath, [MAIN, '--help'], { cwd: folder, env: {}, stdio: ['pipe', full.fd, 'pipe'] });
    const said = 'The standard output cannot be written (ENOSPC).\n';
    expect(await outcome(child)).toEqual({ exitCode: 3, stdout: '', stderr: said });
    await full.close();
  });

  it('says that a file of refused lines cannot be written to its end, and ends with 3', async () => {
    const refused = [1, 2, 3].map((line) => `${JSON.stringify({ line, outcome: 'error' })}\n`).join('');
    const server = createHttpServer((request, response) => {
      response.setHeader('Content-Type', 'application/x-ndjson');
      request.resume().on('end', () => response.end(`${refused}{"summary":{"complete":true,"errors":3}}\n`));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const args = ['import', '-', '--url', `http://127.0.0.1:${port}`, '--rejected', join(folder, 'rejected')];
    // Files of at most 8 blocks of 512 bytes: the third line does not fit.
    const child = spawn('sh', ['-c', 'ulimit -f 8; exec "$@"', 'sh', process.execPath, MAIN, ...args], {
      env: { ENTITLEMENT_BEARER_TOKEN: 'token' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end(`${'x'.repeat(1500)}\n`.repeat(3));
    const { exitCode, stderr } = await outcome(child);
    expect([exitCode, stderr]).toEqual([3, expect.stringMatching(/^--rejected .+: cannot be written \(EFBIG\)\.\n$/)]);
    server.closeAllConnections();
    server.close();
  });

  it.each([0, 1])('ends an import as it went, with %i, while the answer has no end yet', async (refused) => {
    const summary = {
      complete: true,
      lines: 1,
      created: 1 - refused,
      updated: 0,
      unchanged: 0,
      stale: 0,
      errors: refused,
    };
    const server = createHttpServer((request, response) => {
      response.setHeader('Content-Type', 'application/x-ndjson');
      request.resume().on('end', () => response.write(`${JSON.stringify({ summary })}\n`));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const child = start(['import', '-', '--url', url], { ENTITLEMENT_BEARER_TOKEN: 'token' });
    child.stdin?.end('{}\n');
    const { exitCode, stdout, stderr } = await outcome(child);
    expect([exitCode, stderr]).toEqual([refused, '']);
    expect(stdout).toContain('1 lines: ');
    server.closeAllConnections();
    server.close();
  });
});

describe('the commands that start a stack', () => {
  const command = (name: string, args: string[], env: Record<string, string> = {}) =>
    outcome(spawn(process.execPath, [resolve(`dist/scripts/${name}.js`), ...args], { cwd: folder, env }));

  it.each(['stack', 'demo'])('have a screen of help: %s', async (name) => {
    const { exitCode, stdout, stderr } = await command(name, ['--help']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^Usage: npm run ${name}.+\n {2}EMULATOR_PORT {2}port of .+\n$`, 's'));
    expect(await command(name, ['--nonsense'])).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it('refuse one port for both apps at once', async () => {
    const env = { PORT: '3100' };
    const stderr = 'PORT and EMULATOR_PORT are both 3100: the service and the emulator need a port each.\n';
    expect(await command('stack', [], env)).toEqual({ exitCode: 1, stdout: '', stderr });
  });
});

describe('a bearer token', () => {
  const PUBLIC = { type: 'spki', format: 'pem' } as const;
  const PRIVATE = { type: 'pkcs8', format: 'pem' } as const;
  const ISSUER = { AUTH_ISSUER: 'https://issuer.test', AUTH_AUDIENCE: 'tests' };

  it('is signed with a key in PEM, alone on its line', async () => {
    const pair = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: PUBLIC,
      privateKeyEncoding: PRIVATE,
    });
    const file = join(folder, 'key.pem');
    await writeFile(file, pair.privateKey);
    const args = ['token', 'bob', '--key', file, '--key-id', 'k1', '--scope', 'a b', '--expires-in', '60'];
    const { exitCode, stdout, stderr } = await ctl(args, { env: ISSUER });
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const key = await importSPKI(pair.publicKey, 'ES256');
    const { payload, protectedHeader } = await jwtVerify(stdout.trim(), key, {
      issuer: ISSUER.AUTH_ISSUER,
      audience: 'tests',
    });
    expect(payload).toMatchObject({ sub: 'bob', scope: 'a b' });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(60);
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' });
  });

  it("is signed with the stack's key, but not in production", async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const privateJwk = { ...(await exportJWK(privateKey)), kid: 'demo' };
    await mkdir(join(folder, '.stack/port-3999'), { recursive: true });
    const issuer = JSON.stringify({ issuer: 'https://demo', audience: 'demo', privateJwk });
    await writeFile(join(folder, '.stack/port-3999/issuer.json'), issuer);
    const { stdout } = await outcome(start(['token', 'bob', '--json'], { PORT: '3999' }));
    const { token, ...rest } = JSON.parse(stdout) as { token: string };
    expect(rest).toMatchObject({ user: 'bob', scope: 'playback', issuer: 'https://demo' });
    expect(decodeJwt(token)).toMatchObject({ sub: 'bob', iss: 'https://demo' });
    expect(decodeProtectedHeader(token)).toMatchObject({ kid: 'demo' });
    const prefixed = await outcome(
      start(['token', 'bob', '--scope', 'playback bff/a'], { PORT: '3999', AUTH_SCOPE_PREFIX: 'bff/' }),
    );
    expect(decodeJwt(prefixed.stdout.trim())).toMatchObject({ scope: 'bff/playback bff/a' });
    const refused = await outcome(start(['token', 'bob'], { PORT: '3999', EXPRESSPLAY_ENVIRONMENT: 'production' }));
    expect(refused).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('--key') });
  });

  it('and every command beside a stack on another port say which port that is', async () => {
    const token = await outcome(start(['token', 'bob']));
    expect(token.stderr).toContain('name its port with PORT (there is one on 3999)');
    const beside = await outcome(start(['explain', 'bob', 'sintel']));
    expect(beside.stderr).toMatch(/^No stack is on port 3000, but on 3999: name it with PORT=3999\.\n/);
    const DATABASE_URL = 'postgresql://x@127.0.0.1:9/x';
    expect((await outcome(start(['issuances'], { DATABASE_URL }))).stderr).not.toContain('3999');
  });

  it.each([
    [[], {}, 3, /^No stack is running on port 3000/],
    [['--key', '/nowhere'], ISSUER, 2, /^--key \/nowhere: the file cannot be read/],
    [['--key', MAIN], ISSUER, 2, /this is no private key/],
    [['--key', MAIN], {}, 2, /AUTH_ISSUER/],
    [['--expires-in', 'soon'], {}, 2, /^--expires-in takes a whole number/],
    [['--issuer', 'x'], {}, 2, /go with --key/],
  ])('with %j is refused', async (args, env, exitCode, message) => {
    const refused = await ctl(['token', 'bob', ...args], { env });
    expect([refused.exitCode, refused.stdout]).toEqual([exitCode, '']);
    expect(refused.stderr).toMatch(message);
  });
});
