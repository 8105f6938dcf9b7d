import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReceivedRequest } from '../inspection/records.js';
import { authenticatorOf, control, outcomeOfAnswer, shown, TOKEN_PATH, tokenOf } from '../testing/ask.js';
import { type RunningEmulator, startEmulator } from '../testing/running-emulator.js';
import { entriesOf, randomHex, VALID } from '../testing/valid-requests.js';
import { decodeParameters } from './parameters.js';

const RIGHTS = { playready: '/playready/RightsManager.asmx', fairplay: '/hms/fp/rights/', widevine: '/hms/wv/rights/' };

const SERVICES = ['playready', 'fairplay', 'widevine'] as const;

const KIB_64 = 65_536;

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let emulator: RunningEmulator;

beforeAll(async () => {
  emulator = await startEmulator(new Date('2026-11-21T10:00:00Z'));
});

afterAll(() => emulator.close());

beforeEach(() => control(emulator.url, 'DELETE', 'requests'));

const formOf = (service: (typeof SERVICES)[number]) =>
  new URLSearchParams([['customerAuthenticator', authenticatorOf('good')], ...entriesOf(VALID[service])]).toString();

const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = FORM) =>
  fetch(`${emulator.url}${path}`, { method: 'POST', body, headers });

describe.each(SERVICES)('%s', (service) => {
  const path = TOKEN_PATH[service];

  it('redeems the token of the largest query and the largest body together', async () => {
    const form = `${formOf(service)}&x=`;
    // A control character is the one that JSON writes the longest: with six characters.
    const body = Buffer.concat([Buffer.from(form), Buffer.alloc(KIB_64 - form.length, 1)]);
    const query = `y=${'%01'.repeat(Math.floor((KIB_64 - 2) / 3))}`;
    const response = await post(`${path}?${query}`, body);
    expect(response.status).toBe(200);
    const token = await tokenOf(response);
    expect(token.length).toBeGreaterThan(600_000);
    const url = `${emulator.url}${RIGHTS[service]}?ExpressPlayToken=${token}`;
    expect([(await fetch(url)).status, (await fetch(url, { method: 'POST' })).status]).toEqual([200, 200]);
    expect(await shown(emulator.url, `tokens/${token}`)).toMatchObject({ service });
  });

  it('reads no larger body or query, but answers in the format that they ask for', async () => {
    const tooLarge = `errorFormat=json&${formOf(service)}&x=${'x'.repeat(KIB_64)}`;
    expect(await outcomeOfAnswer(await post(path, tooLarge))).toEqual([401, -2017]);
    expect(await outcomeOfAnswer(await fetch(`${emulator.url}${path}?${tooLarge}`))).toEqual([401, -2017]);
    const read = formOf(service);
    expect((await post(`${path}?x=${'x'.repeat(KIB_64)}`, read)).status).toBe(200);
    expect((await post(path, `x=${'x'.repeat(2_000_000)}`)).status).toBe(401);
  });

  it('reads no body of another type, but answers in the format that it asks for', async () => {
    const body = `${formOf(service)}&errorFormat=json`;
    const response = await post(path, body, { 'content-type': 'text/plain' });
    expect([response.status, await response.json()]).toEqual([
      401,
      expect.objectContaining({ errorCode: -2017, errorMessage: expect.stringContaining('is not declared') as string }),
    ]);
  });

  it('refuses bytes that are not UTF-8 where they are read, raw or encoded', async () => {
    const form = `${formOf(service)}&errorFormat=json`;
    const raw = Buffer.concat([Buffer.from(`${form}&cookie=`), Buffer.from([0xff, 0xc0])]);
    expect(await outcomeOfAnswer(await post(path, raw))).toEqual([400, -2033]);
    expect(await outcomeOfAnswer(await post(path, `${form}&cookie=%ff`))).toEqual([400, -2033]);
    expect(await outcomeOfAnswer(await post(`${path}?kid=%5E%c3`, form))).toEqual([400, -4022]);
    expect((await post(path, `${form}&%ff=%ff`)).status).toBe(200);
  });

  it('takes a parameter of both from the query, and repeated ones in order', async () => {
    const form = `${formOf(service)}&errorFormat=json&cookie=body&x=2&x=3`;
    expect((await post(`${path}?cookie=query&x=1`, form)).status).toBe(200);
    const [request] = await shown<ReceivedRequest[]>(emulator.url, 'requests');
    expect(request).toMatchObject({ cookie: 'query', parameters: { x: ['1', '2', '3'] }, ignored: ['x'] });
  });

  it('records what it ignores, without the secrets that may be in it', async () => {
    const secret = randomHex(16);
    const form = `${formOf(service)}&useHttps=true&robustness=150&contentKey.100=${secret}&KEK=${secret}`;
    expect((await post(path, form)).status).toBe(200);
    const [request] = await shown<ReceivedRequest[]>(emulator.url, 'requests');
    expect(request?.ignored).toEqual(['useHttps', 'robustness', 'contentKey.100', 'KEK']);
    expect(request?.parameters).toMatchObject({ useHttps: 'true', 'contentKey.100': '[redacted]', KEK: '[redacted]' });
    expect(JSON.stringify(request)).not.toContain(secret);
  });

  it('neither issues nor redeems a token for HEAD', async () => {
    const head = (url: string) => fetch(url, { method: 'HEAD' });
    expect((await head(`${emulator.url}${path}?${formOf(service)}`)).status).toBe(404);
    expect(await shown(emulator.url, 'requests')).toEqual([]);
    await control(emulator.url, 'DELETE', 'redemptions');
    const token = await tokenOf(await post(path, formOf(service)));
    expect((await head(`${emulator.url}${RIGHTS[service]}?ExpressPlayToken=${token}`)).status).toBe(404);
    expect(await shown(emulator.url, 'redemptions')).toEqual([]);
  });

  it('quotes no more of a value than helps', async () => {
    const form = `${formOf(service)}&errorFormat=json&expirationTime=${'9'.repeat(10_000)}`;
    const answer = (await (await post(path, form)).json()) as { errorCode: number; errorMessage: string };
    expect(answer.errorCode).toBe(-2002);
    expect(answer.errorMessage.length).toBeLessThan(300);
  });
});

describe('a wrong URL', () => {
  it.each(['/', '/other', '/hms/pr', '/hms/pr/token/', '/hms/xx/token', '/emulators'])(
    '%s is 404 in the format asked for, by query or body',
    async (path) => {
      const asked = [
        await fetch(`${emulator.url}${path}?errorFormat=json`),
        await post(`${path}?errorFormat=json`, 'x=1'),
        await post(path, 'errorFormat=json'),
        await post(path, '{}', { 'content-type': 'application/json' }),
      ];
      expect(asked.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
      const types = asked.map((answer) => answer.headers.get('content-type')?.split(';')[0]);
      expect(types).toEqual(['application/json', 'application/json', 'application/json', 'text/html']);
      expect(await asked[2]?.json()).toEqual({ errorMessage: 'wrong URL' });
    },
  );

  it.each(['/emulator', '/emulator/', '/emulator?x', '/emulator/other'])('%s is a problem document', async (path) => {
    const response = await fetch(`${emulator.url}${path}`);
    expect([response.status, await response.json()]).toMatchObject([404, { code: 'route-not-found' }]);
  });

  it('of a control address with another method is told so', async () => {
    const response = await post('/emulator/faults', '{}');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'DELETE, GET, HEAD, PUT']);
  });
});

describe('decodeParameters', () => {
  it('decodes %2B to a plus and + to a space', () => {
    const parameters = decodeParameters('expirationTime=%2B60', 'rental.periodEndTime=+60');
    expect(parameters.get('expirationTime')).toBe('+60');
    expect(parameters.get('rental.periodEndTime')).toBe(' 60');
  });

  it('keeps repeated parameters in order, the query’s before the body’s', () => {
    const parameters = decodeParameters('fpExtension=a&kid=1', 'fpExtension=b&fpExtension=c&kid=2');
    expect(parameters.getAll('fpExtension')).toEqual(['a', 'b', 'c']);
    expect(parameters.get('kid')).toBe('1');
  });

  it('tells names apart by case', () => {
    const parameters = decodeParameters('KID=1', '');
    expect(parameters.has('kid')).toBe(false);
    expect(parameters.has('KID' as 'kid')).toBe(true);
  });

  it('marks bytes that are not UTF-8', () => {
    expect(decodeParameters('', 'cookie=%ff').get('cookie')).toBe('\uFFFD');
  });
});

describe('redacted parameters', () => {
  it('hide every secret, in any spelling, and show the rest', () => {
    const query = 'customerAuthenticator=s1&contentKey=s2&kek=s3&ek=s4&contentkey=s5&contentKey.0=s6&ek=s7&kid=1&iv=2';
    const redacted = decodeParameters(query, '').redacted();
    expect(JSON.stringify(redacted)).not.toMatch(/s\d/);
    expect(redacted).toMatchObject({ kid: '1', iv: '2', kek: '[redacted]', ek: ['[redacted]', '[redacted]'] });
  });

  it('survive names that objects already have', () => {
    const parameters = decodeParameters('__proto__=1&constructor=2', '').redacted();
    expect(JSON.parse(JSON.stringify(parameters))).toEqual(JSON.parse('{"__proto__":"1","constructor":"2"}'));
  });
});
