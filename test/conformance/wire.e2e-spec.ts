// How requests are read off the wire: methods, query and body, encodings, repeated names, bodies that cannot be used.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from './cases/case.js';
import { documentedCodesOf, SERVICES, statusOf } from './documented-codes.js';
import {
  type Answer,
  codeIn,
  EmulatorSession,
  expectOutcome,
  expectToken,
  TOKEN_PATHS,
} from './support/emulator-session.js';
import { ACCOUNTS, encode, VALID_REQUESTS } from './support/requests.js';

const FORM = 'application/x-www-form-urlencoded';
const WHO = { customerAuthenticator: ACCOUNTS.good, errorFormat: 'json' };

let emulator: EmulatorSession;
beforeAll(async () => {
  emulator = await EmulatorSession.start();
});
afterAll(() => emulator.close());

const get = (path: string, query: string): Promise<Answer> => emulator.send(`${path}?${query}`);
const post = (path: string, body: RequestInit['body'], contentType = FORM): Promise<Answer> =>
  emulator.send(path, { method: 'POST', body, headers: { 'content-type': contentType } });

describe.each(SERVICES)('%s', (service) => {
  const path = TOKEN_PATHS[service];
  const license = encode(VALID_REQUESTS[service]);
  const whole = `${encode(WHO)}&${license}`;

  it('takes a query by GET', async () => {
    expectToken(await get(path, whole), service);
  });

  it('takes a form by POST', async () => {
    expectToken(await post(path, whole), service);
  });

  it.each([`${FORM}; charset=UTF-8`, `${FORM};charset=utf-8`, 'Application/X-WWW-Form-URLEncoded'])(
    'takes a form that is declared %s',
    async (contentType) => {
      expectToken(await post(path, whole, contentType), service);
    },
  );

  it('takes some parameters in the query and the others in the body', async () => {
    expectToken(await post(`${path}?${encode(WHO)}`, license), service);
    expectToken(await post(`${path}?${license}`, encode(WHO)), service);
  });

  it('takes parameters that are in both', async () => {
    expectToken(await post(`${path}?${whole}`, whole), service);
  });

  it('decodes names as well as values', async () => {
    expectToken(await post(path, whole.replace('contentKey=', 'content%4bey=')), service);
  });

  it('takes parameters in any order', async () => {
    expectToken(await post(path, whole.split('&').toReversed().join('&')), service);
  });

  it.each([
    ['%2B60', 'issued'],
    ['%2b60', 'issued'],
    ['+60', -2002],
    ['%2060', -2002],
  ] satisfies [string, Outcome][])('takes expirationTime=%s as %s', async (value, outcome) => {
    expectOutcome(await get(path, `${whole}&expirationTime=${value}`), outcome, service, 'json');
    expectOutcome(await post(path, `${whole}&expirationTime=${value}`), outcome, service, 'json');
  });

  it('answers errors by GET as by POST', async () => {
    for (const [change, code] of [
      ['&cookie=' + 'c'.repeat(33), -2033],
      ['&deviceId=zz', { playready: -5004, fairplay: -6008, widevine: -7002 }[service]],
    ] satisfies [string, number][]) {
      expectOutcome(await get(path, whole + change), code, service, 'json');
      expectOutcome(await post(path, whole + change), code, service, 'json');
    }
  });

  it('honours an errorFormat in the query for a body that is refused', async () => {
    const bad = `${license}&cookie=${'c'.repeat(33)}&customerAuthenticator=${encodeURIComponent(ACCOUNTS.good)}`;
    expectOutcome(await post(`${path}?errorFormat=json`, bad), -2033, service, 'json');
    expectOutcome(await post(`${path}?errorFormat=html`, bad), -2033, service, 'html');
    expectOutcome(await post(path, bad), -2033, service, 'html');
  });

  const unusable: [string, RequestInit['body'], string][] = [
    ['nothing', '', FORM],
    ['JSON', JSON.stringify({ ...WHO, ...VALID_REQUESTS[service] }), 'application/json'],
    ['broken JSON', '{"kid":', 'application/json'],
    ['a form declared as text', whole, 'text/plain'],
    ['a form declared as something unreadable', whole, ';;;'],
    [
      'a multipart form',
      `--x\r\nContent-Disposition: form-data; name="kid"\r\n\r\n1\r\n--x--`,
      'multipart/form-data; boundary=x',
    ],
    ['a form that is too large', `${whole}&x=${'x'.repeat(300_000)}`, FORM],
    ['percent-encoded bytes that are not UTF-8', `${whole}&cookie=%ff%fe`, FORM],
    ['bytes that are not UTF-8', Buffer.concat([Buffer.from(`${whole}&cookie=`), Buffer.from([0xff, 0xc0])]), FORM],
  ];
  it.each(unusable)('refuses %s with one of its codes, in the format asked for', async (_what, body, contentType) => {
    for (const errorFormat of ['html', 'json']) {
      const answer = await post(`${path}?errorFormat=${errorFormat}`, body, contentType);
      const code = codeIn(answer);
      expect(documentedCodesOf(service)).toContain(code);
      expect(answer.status).toBe(statusOf(code!));
      // What the body says about the format counts only where the body can be read.
      if (errorFormat === 'json') expect(answer.mediaType).toBe('application/json');
    }
  });

  it('answers a query that is too long instead of hanging up', async () => {
    const answer = await get(path, `${whole}&x=${'x'.repeat(30_000)}`);
    expect(answer.status).toBeGreaterThanOrEqual(200);
    expect(answer.status).toBeLessThan(500);
  });
});

describe('base64 in extensions', () => {
  const rows: [(typeof SERVICES)[number], string, string, number][] = [
    [
      'playready',
      'extensionType=wudo&extensionPayload=%2B%2B%2B%2B',
      'extensionType=wudo&extensionPayload=++++',
      -2037,
    ],
    ['fairplay', 'fpExtension=wudo,%2B%2B%2B%2B', 'fpExtension=wudo,++++', -2037],
    ['widevine', 'wvExtension=wudo,%2B%2B%2B%2B', 'wvExtension=wudo,++++', -2037],
  ];
  it.each(rows)('of %s needs its plus signs encoded', async (service, encoded, bare, code) => {
    const whole = encode({ ...WHO, ...VALID_REQUESTS[service] });
    expectToken(await post(TOKEN_PATHS[service], `${whole}&${encoded}`), service);
    expectOutcome(await post(TOKEN_PATHS[service], `${whole}&${bare}`), code, service, 'json');
  });
});

describe('repeated extensions', () => {
  it.each([
    ['fairplay', 'fpExtension', -6001],
    ['widevine', 'wvExtension', -7009],
  ] as const)('of %s are all read, from query and body', async (service, name, code) => {
    const whole = encode({ ...WHO, ...VALID_REQUESTS[service] });
    const token = expectToken(
      await post(`${TOKEN_PATHS[service]}?${name}=abcd,AAAA`, `${whole}&${name}=efgh,BBBB&${name}=ijkl,CCCC`),
      service,
    );
    const values = (await emulator.tokenParameters(token))[name];
    expect(new Set(values)).toEqual(new Set(['abcd,AAAA', 'efgh,BBBB', 'ijkl,CCCC']));
    const bad = await post(`${TOKEN_PATHS[service]}?${name}=abcd,AAAA`, `${whole}&${name}=efgh,BBBB&${name}=bad`);
    expectOutcome(bad, code, service, 'json');
  });
});

describe('wrong URLs', () => {
  it.each(['/hms/xx/token', '/hms/PR/token', '/hms/pr/tokens', '/hms/pr/token/x', '/hms/fp', '/hms/wv/rights/x'])(
    '%s is 404 in both formats, without a code',
    async (path) => {
      for (const [errorFormat, mediaType] of [
        ['html', 'text/html'],
        ['json', 'application/json'],
      ]) {
        const answers = [
          await get(path, `errorFormat=${errorFormat}`),
          await post(`${path}?errorFormat=${errorFormat}`, 'x=1'),
        ];
        for (const answer of answers) {
          expect([answer.status, answer.mediaType, codeIn(answer)]).toEqual([404, mediaType, undefined]);
        }
      }
    },
  );
});
