// `entitlementctl import` with a running service.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '@app/platform/clock';
import { InterruptedError } from '../../apps/entitlement/src/cli/terminal/exit-codes.js';
import { ndjson, sale } from '../admin/purchase-client.js';
import { TestService } from '../support/test-service.js';
import { ctl, documentOf } from './command-line.js';

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
    const clock = new ManualClock(new Date('2026-11-21T10:00:00Z'));
    const onStderr = () => clock.advance(1);
    const outcome = await ctl(['import', file, '--url', service.url], { env, clock, onStderr, terminal: true });
    expect(outcome).toMatchObject({
      exitCode: 0,
      stdout: '2500 lines: 2500 created, 0 updated, 0 unchanged, 0 stale, 0 refused.\n',
    });
    expect(outcome.stderr.split('\r\u001b[K')).toEqual([
      '',
      'line 1000 of 2500 (40 %), 0 refused',
      'line 2000 of 2500 (80 %), 2000 a second, 1 s left, 0 refused',
      'line 2500 of 2500 (100 %), 1250 a second, 0 s left, 0 refused',
      '',
    ]);
    const again = await ctl(['import', file, '--url', `${service.url}/`, '--json'], { env });
    expect(documentOf(again)).toMatchObject({
      summary: { complete: true, unchanged: 2500 },
      faults: [],
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
      /^(?:line 2: .+\n)*line 2: userId: must be .*\n(?:line 2: .+\n)*line 3: is not valid JSON\n4 lines: 2 created.*2 refused\.\n$/,
    );
  });

  it('groups equal faults, names missing titles, and keeps refused lines to be corrected and sent again', async () => {
    const lost = { contentId: 'sintel-2' };
    const sales = orders(9, 'fixed').map((order, index) => (index % 4 === 1 ? order : { ...order, ...lost }));
    // As the store wrote it: the blanks, and the end of a line.
    const text = `${ndjson(sales)}{ "externalId" : "fixed-10" }\r\nnonsense`;
    const rejected = join(folder, 'rejected.ndjson');
    const env = { ENTITLEMENT_BEARER_TOKEN: bearer };
    const send = (file: string, ...args: string[]) =>
      ctl(['import', file, '--url', service.url, ...args], { env, stdin: text });
    const first = await send('-', '--rejected', rejected);
    expect(first.exitCode).toBe(1);
    expect(first.stdout).toMatch(
      /^lines 1, 3, 4, 5, 7 and 2 more: contentId: content sintel-2 does not exist\nline 10: userId: .+\n/,
    );
    expect(first.stdout).toMatch(/\nline 11: is not valid JSON\n11 lines: 2 created, .+ 9 refused\.\n$/);
    expect(first.stderr).toBe(`9 of 9 refused lines are in ${rejected}.\n`);
    const kept = await readFile(rejected, 'utf8');
    const lostLines = ndjson(sales.filter(({ contentId }) => contentId === 'sintel-2'));
    expect(kept).toBe(`${lostLines}{ "externalId" : "fixed-10" }\nnonsense\n`);
    const taken = await send('-', '--rejected', rejected);
    expect(taken).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('such a file already') });
    expect(await readFile(rejected, 'utf8')).toBe(kept);

    const corrected = await fileWith('corrected.ndjson', lostLines.replaceAll('sintel-2', 'sintel'));
    const unneeded = join(folder, 'unneeded.ndjson');
    const second = await send(corrected, '--rejected', unneeded, '--json');
    expect(documentOf(second)).toMatchObject({ summary: { created: 7, errors: 0 }, faults: [], refused: [] });
    expect(second.stderr).toBe('');
    expect(existsSync(unneeded)).toBe(false);
  });

  it('of a dry run checks everything and writes nothing', async () => {
    const [known, unknown] = orders(2, 'dry');
    const file = await fileWith('dry.ndjson', ndjson([known!, { ...unknown, contentId: 'sintel-2' }]));
    const outcome = await ctl(['import', file, '--url', service.url, '--dry-run'], {
      env: { ENTITLEMENT_BEARER_TOKEN: bearer },
    });
    expect(outcome).toEqual({
      exitCode: 1,
      stdout:
        'line 2: contentId: content sintel-2 does not exist\n' +
        'A dry run, nothing was written. 2 lines: 1 created, 0 updated, 0 unchanged, 0 stale, 1 refused.\n',
      stderr: '',
    });
    expect(await service.database.query("SELECT FROM purchase WHERE user_id = 'dry'")).toEqual([]);
  });

  it('names no file of refused lines where all of them were too long to be kept', async () => {
    const rejected = join(folder, 'too-long.ndjson');
    const args = ['import', '-', '--url', service.url, '--rejected', rejected];
    const env = { ENTITLEMENT_BEARER_TOKEN: bearer };
    expect(await ctl(args, { env, stdin: 'x'.repeat(70_000) })).toMatchObject({ exitCode: 1, stderr: '' });
    expect(existsSync(rejected)).toBe(false);
  });

  it('of a CSV says what it takes', async () => {
    const file = await fileWith('orders.csv', 'externalId,userId,contentId\norder-1,frank,sintel\n');
    const outcome = await ctl(['import', file, '--url', service.url], { env: { ENTITLEMENT_BEARER_TOKEN: bearer } });
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringMatching(/^This looks like CSV; /) });
  });

  it('goes on with a line, and keeps counting where it is', async () => {
    const [one, two, three] = orders(3, 'third');
    // By what it begins with a file would be a CSV.
    const text = `${ndjson([one!, two!])}non, sense\n${ndjson([three!])}`;
    const file = await fileWith('third.ndjson', text);
    const env = { ENTITLEMENT_BEARER_TOKEN: bearer };
    const outcome = await ctl(['import', file, '--url', service.url, '--first-line', '3', '--json'], { env });
    expect(documentOf(outcome)).toMatchObject({
      summary: { lines: 2, created: 1, lastLine: 4 },
      refused: [{ line: 3 }],
    });
    const rows = await service.database.query("SELECT external_id FROM purchase WHERE user_id = 'third'");
    expect(rows).toEqual([{ external_id: 'third-3' }]);
  });

  it('that is interrupted says with which line to go on', async () => {
    const file = await fileWith('many.ndjson', ndjson(orders(60_000, 'many')));
    const ending = new AbortController();
    const outcome = await ctl(['import', file, '--url', service.url, '--dry-run'], {
      env: { ENTITLEMENT_BEARER_TOKEN: bearer },
      signal: ending.signal,
      onStderr: () => ending.abort(new InterruptedError(130)),
      terminal: true,
    });
    expect([outcome.exitCode, outcome.stdout]).toEqual([130, '']);
    const [, last, next] =
      /\(interrupted\)\. Everything up to line (\d+) is checked: run it again with --first-line (\d+)/.exec(
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
      const outcome = await ctl(['import', '-', '--url', service.url], {
        env,
        stdin: failing(),
        onStderr: begun,
        terminal: true,
      });
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
    // Such as the page that a proxy asks for a password with.
    const page = createServer((request, response) => {
      request.resume().on('end', () => response.setHeader('Content-Type', 'text/html').end('<html>\n'));
    }).listen(0, '127.0.0.1');
    await once(page, 'listening');
    expect(await attempt(bearer, `http://127.0.0.1:${(page.address() as AddressInfo).port}`)).toMatch(
      /^2 .+ is no admin API of this service \(HTTP 200\)\./,
    );
    page.close();
    expect(await attempt(bearer, 'http://127.0.0.1:9')).toMatch(
      /^3 The service at http:\/\/127\.0\.0\.1:9\/ does not answer/,
    );
    expect(await attempt(bearer, 'ftp://x')).toMatch(/^2 --url takes an http or https URL/);
    expect(await attempt(bearer, 'http://user:secret@127.0.0.1')).not.toContain('secret');
  });
});
