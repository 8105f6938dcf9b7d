// `entitlementctl import` and `issuances` with a running service.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InterruptedError } from '../../apps/entitlementctl/src/terminal/exit-codes.js';
import { ndjson, sale } from '../admin/purchase-client.js';
import { TestService } from '../support/test-service.js';
import { ctl, documentOf } from './command-line.js';
import { serviceVariables } from './service-variables.js';

let service: TestService;
let folder: string;
let bearer: string;

beforeAll(async () => {
  service = await TestService.start();
  folder = await mkdtemp(join(tmpdir(), 'entitlementctl-test-'));
  bearer = await service.issuer.token('store', { scope: 'purchases:write', expiresIn: 1_000_000 });
});
afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true });
});

async function fileWith(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const orders = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => sale({ externalId: `${prefix}-${index + 1}`, userId: prefix }));

describe('an import', () => {
  it('sends a file, tells its progress, and counts what came of it', async () => {
    const file = await fileWith('orders.ndjson', ndjson(orders(2500, 'first')));
    const env = { ENTITLEMENT_BEARER_TOKEN: bearer };
    const outcome = await ctl(['import', file, '--url', service.url], { env });
    expect(outcome).toMatchObject({
      exitCode: 0,
      stdout: '2500 lines: 2500 created, 0 updated, 0 unchanged, 0 stale, 0 refused.\n',
    });
    expect(outcome.stderr).toMatch(/^line \d+, 0 refused\n(?:.+\n)*line 2500, 0 refused\n$/);
    const again = await ctl(['import', file, '--url', `${service.url}/`, '--json'], { env });
    expect(documentOf(again)).toMatchObject({
      summary: { complete: true, unchanged: 2500 },
      refused: [],
      refusedNotListed: 0,
    });
    expect(await service.database.query("SELECT count(*)::int FROM purchase WHERE user_id = 'first'")).toEqual([
      { count: 2500 },
    ]);
  });

  it('from the standard input names the lines that were refused, and fails', async () => {
    const [one, two] = orders(2, 'second');
    const stdin = `${ndjson([one!])}{"externalId":"broken"}\nnonsense\n${ndjson([two!])}`;
    const tokenFile = await fileWith('token', `${bearer}\n`);
    const { exitCode, stdout } = await ctl(['import', '-', '--url', service.url, '--token-file', tokenFile], { stdin });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /^line 2 \(broken\): .*userId must be .*\nline 3: is not valid JSON\n4 lines: 2 created.*2 refused\.\n$/,
    );
  });

  it('goes on with a line, and keeps counting where it is', async () => {
    const text = `${ndjson(orders(3, 'third'))}nonsense\n`;
    const file = await fileWith('third.ndjson', text);
    const env = { ENTITLEMENT_BEARER_TOKEN: bearer };
    const outcome = await ctl(['import', file, '--url', service.url, '--first-line', '3', '--json'], { env });
    expect(documentOf(outcome)).toMatchObject({
      summary: { lines: 2, created: 1, lastLine: 4 },
      refused: [{ line: 4 }],
    });
    const rows = await service.database.query("SELECT external_id FROM purchase WHERE user_id = 'third'");
    expect(rows).toEqual([{ external_id: 'third-3' }]);
  });

  it('that is interrupted says with which line to go on', async () => {
    const file = await fileWith('many.ndjson', ndjson(orders(60_000, 'many')));
    const ending = new AbortController();
    const outcome = await ctl(['import', file, '--url', service.url], {
      env: { ENTITLEMENT_BEARER_TOKEN: bearer },
      signal: ending.signal,
      onStderr: () => ending.abort(new InterruptedError(130)),
    });
    expect(outcome.exitCode).toBe(130);
    const [, last, next] =
      /\(interrupted\)\. Everything up to line (\d+) is done: run it again with --first-line (\d+)/.exec(
        outcome.stderr,
      ) ?? [];
    expect(Number(last)).toBeGreaterThan(0);
    expect(Number(next)).toBe(Number(last) + 1);
  });

  it('of a source that cannot be read says so, and not that the service failed', async () => {
    const env = { ENTITLEMENT_BEARER_TOKEN: bearer };
    for (const count of [0, 2500]) {
      let begun: () => void = () => undefined;
      const progress = new Promise<void>((resolve) => (begun = resolve));
      const failing = async function* () {
        yield* orders(count, 'failing').map((order) => Buffer.from(ndjson([order])));
        if (count > 0) await progress;
        throw Object.assign(new Error('broken disk'), { code: 'EIO' });
      };
      const outcome = await ctl(['import', '-', '--url', service.url], { env, stdin: failing(), onStderr: begun });
      expect(outcome.exitCode).toBe(3);
      expect(outcome.stderr).toContain('The standard input cannot be read any further (EIO)');
      expect(outcome.stderr).not.toMatch(/does not answer|the connection broke/);
      if (count > 0) expect(outcome.stderr).toMatch(/\(EIO\)\)\. Everything up to line \d{3,} is done/);
    }
    const unreadable = await ctl(['import', '/proc/self/mem', '--url', service.url], { env });
    expect(unreadable).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringMatching(/^\/proc\/self\/mem /) });
  });

  it('of a first line that is not there is wrong usage', async () => {
    const file = await fileWith('short.ndjson', ndjson(orders(3, 'short')));
    const from = (firstLine: string) =>
      ctl(['import', file, '--url', service.url, '--first-line', firstLine], {
        env: { ENTITLEMENT_BEARER_TOKEN: bearer },
      });
    const message = '--first-line 5: there are only 3 lines.\n';
    expect(await from('5')).toEqual({ exitCode: 2, stdout: '', stderr: message });
    // The service takes two imports at once, and is still busy ending those that were broken off.
    await expect.poll(async () => (await from('4')).stdout, { timeout: 20_000 }).toMatch(/^0 lines/);
  });

  it.each<[string, string[], Record<string, string | undefined>, number, RegExp]>([
    ['without a token', [], { ENTITLEMENT_BEARER_TOKEN: undefined }, 2, /ENTITLEMENT_BEARER_TOKEN.*--token-file/],
    [
      'with a file that is not there',
      ['--token-file', '/nowhere'],
      {},
      2,
      /--token-file \/nowhere: the file cannot be read/,
    ],
    ['of a first line that is none', ['--first-line', '0'], {}, 2, /--first-line takes/],
  ])('%s is wrong usage', async (_name, args, env, exitCode, message) => {
    const file = await fileWith('one.ndjson', ndjson(orders(1, 'one')));
    const outcome = await ctl(['import', file, '--url', service.url, ...args], {
      env: { ENTITLEMENT_BEARER_TOKEN: bearer, ...env },
    });
    expect([outcome.exitCode, outcome.stdout]).toEqual([exitCode, '']);
    expect(outcome.stderr).toMatch(message);
  });

  it('says of an expired or a poor token, a wrong address and a stopped service what to change', async () => {
    const file = await fileWith('one.ndjson', ndjson(orders(1, 'one')));
    const attempt = async (token: string, url = service.url) => {
      const { exitCode, stdout, stderr } = await ctl(['import', file, '--url', url], {
        env: { ENTITLEMENT_BEARER_TOKEN: token },
      });
      expect(stdout).toBe('');
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(stderr).not.toContain(token);
      return `${exitCode} ${stderr}`;
    };
    const expired = await service.issuer.token('store', { scope: 'purchases:write', expiresIn: -3600 });
    expect(await attempt(expired)).toMatch(
      /^2 The service refused the bearer token: The bearer token has expired\. It expired at .+ENTITLEMENT_BEARER_TOKEN/,
    );
    expect(await attempt(await service.issuer.token('store'))).toMatch(
      /^2 The bearer token lacks the scope purchases:write\./,
    );
    expect(await attempt(bearer, service.emulator.url)).toMatch(
      /^2 .+ is no admin API of this service \(HTTP 404\)\..+management port/,
    );
    expect(await attempt(bearer, 'http://127.0.0.1:9')).toMatch(
      /^3 The service at http:\/\/127\.0\.0\.1:9\/ does not answer/,
    );
    expect(await attempt(bearer, 'ftp://x')).toMatch(/^2 --url takes an http or https URL/);
    expect(await attempt(bearer, 'http://user:secret@127.0.0.1')).not.toContain('secret');
  });
});

describe('issuances', () => {
  const issuances = (args: string[], env: Record<string, string> = {}) =>
    ctl(['issuances', ...args], { env: { ...serviceVariables(service), ...env } });

  it('finds rows by all that can be asked for, the newest first, and says when there are more', async () => {
    for (const [user, contentId] of [
      ['alice', 'sintel'],
      ['alice', 'tears-of-steel'],
      ['frank', 'sintel'],
      ['bob', 'sintel'],
    ] as const) {
      await service.ask(user, { contentId, drm: 'widevine' });
      service.clock.advance(1);
    }
    const found = async (...args: string[]) =>
      documentOf(await issuances([...args, '--json'])) as {
        issuances: { id: string; userId: string; contentId: string; decidedAt: string }[];
        more: boolean;
      };
    const users = async (...args: string[]) => (await found(...args)).issuances.map(({ userId }) => userId);
    expect(await users()).toEqual(['bob', 'frank', 'alice', 'alice']);
    expect(await users('--user', 'alice', '--content', 'sintel')).toEqual(['alice']);
    expect(await users('--decision', 'denied')).toEqual(['frank']);
    const { issuances: rows, more } = await found('--limit', '2');
    expect([rows.length, more]).toEqual([2, true]);
    expect(await users('--cookie', rows[1]!.id)).toEqual(['frank']);
    expect(await users('--from', rows[0]!.decidedAt)).toEqual(['bob']);
    expect(await users('--to', rows[1]!.decidedAt)).toEqual(['alice', 'alice']);
    const { stdout, stderr } = await issuances(['--limit', '2']);
    expect(stdout).toMatch(
      /^DECIDED AT +USER +TITLE +DRM +DECISION.+\n.+bob +sintel +widevine +granted.+first play.+\n.+frank.+denied +no-purchase/,
    );
    expect(stderr).toMatch(/^There are more than these 2/);
    expect((await issuances(['--user', 'nobody'])).stdout).toBe('No rows.\n');
  });

  it.each([
    [['--limit', '0'], /^--limit takes/],
    [['--cookie', 'x'], /^--cookie takes 32 hex digits/],
    [['--from', 'x'], /^--from must be an RFC 3339/],
    [['--decision', 'maybe'], /Allowed choices are granted, denied, failed, first-play-reset/],
  ])('%j is wrong usage', async (args, message) => {
    const { exitCode, stderr } = await issuances(args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('without a database names the variable, in words and as a document', async () => {
    const env = { DATABASE_URL: 'postgresql://someone:hidden@127.0.0.1:9/x' };
    const { exitCode, stderr } = await issuances([], env);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^The database cannot be used: nobody listens at the address of DATABASE_URL/);
    expect(stderr).not.toMatch(/hidden|\n\s+at /);
    const document = documentOf(await issuances(['--json'], env));
    expect(document).toEqual({ error: { exitCode: 3, message: stderr.trimEnd() } });
  });
});

describe('keys', () => {
  it('are listed by KEK, and checked one by one', async () => {
    const variables = serviceVariables(service);
    const env = { ...variables, CONTENT_KEY_KEKS: `${variables['CONTENT_KEY_KEKS']},spare=${'1'.repeat(32)}` };
    expect(documentOf(await ctl(['keys', 'list', '--json'], { env }))).toEqual({
      keks: [
        { kekId: 'test', configured: true, wrapsNewKeys: true, wrapped: 5, keyStorage: 0 },
        { kekId: 'spare', configured: true, wrapsNewKeys: false, wrapped: 0, keyStorage: 0 },
      ],
      contentsWithoutKey: 0,
    });
    expect((await ctl(['keys', 'list'], { env })).stdout).toMatch(/spare +yes +0 +0 +unused/);
    expect(await ctl(['keys', 'check'], { env })).toMatchObject({
      exitCode: 0,
      stdout: '5 content key(s) unwrap under their KEK.\n',
    });
    const without = { ...variables, CONTENT_KEY_KEKS: `spare=${'1'.repeat(32)}` };
    expect(await ctl(['keys', 'list'], { env: without })).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/test +NO +5/),
    });
    expect(await ctl(['keys', 'check'], { env: without })).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('5 content key(s) cannot be read.'),
    });
  });
});
