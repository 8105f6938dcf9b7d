// `entitlementctl issuances`, `keys list` and `keys check` with a running service.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestService } from '../support/test-service.js';
import { ctl, documentOf } from './command-line.js';
import { serviceVariables } from './service-variables.js';

let service: TestService;

beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

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
      firstWithoutKey: [],
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
