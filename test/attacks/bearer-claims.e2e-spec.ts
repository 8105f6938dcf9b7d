import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenFault } from '../../apps/entitlement/src/auth/auth.errors.js';
import { signText } from '../../apps/entitlement/src/auth/testing/issuer.js';
import { AUDIENCE, ISSUER } from '../support/issuer.js';
import { type Attack, BearerAttacker, PLAYREADY, refusalOf } from './bearer-attacker.js';

let attacker: BearerAttacker;

beforeAll(async () => {
  attacker = await BearerAttacker.start();
});
afterAll(() => attacker.stop());

describe('claims', () => {
  it.each<[string, Record<string, unknown>, TokenFault]>([
    ['no subject', { sub: undefined }, 'subject'],
    ['an empty subject', { sub: '' }, 'subject'],
    ['a subject that is a list', { sub: ['alice'] }, 'subject'],
    ['a subject of 256 characters', { sub: 'a'.repeat(256) }, 'subject'],
    ['a NUL in the subject', { sub: 'alice\0' }, 'subject'],
    ['no issuer', { iss: undefined }, 'issuer'],
    ['another issuer', { iss: `${ISSUER}/` }, 'issuer'],
    ['several issuers', { iss: [ISSUER] }, 'issuer'],
    ['another audience', { aud: [`${AUDIENCE}2`, AUDIENCE.toUpperCase()] }, 'audience'],
    ['no audience', { aud: undefined }, 'audience'],
    ['no expiry', { exp: undefined }, 'claims'],
    ['an expiry in words', { exp: 'never' }, 'claims'],
    ['an expiry as a text', { exp: '9999999999' }, 'claims'],
    ['an expiry of null', { exp: null }, 'claims'],
    ['an expiry of true', { exp: true }, 'claims'],
    ['an expiry in milliseconds', { exp: 4_102_444_800_000 }, 'claims'],
    ['a negative expiry', { exp: -1 }, 'expired'],
    ['an expiry just before the skew', { exp: 'skew' }, 'expired'],
    ['a start in the future', { nbf: 'future' }, 'not-yet-valid'],
    ['a start in words', { nbf: 'today' }, 'claims'],
    ['an issue in the future', { iat: 'future' }, 'not-yet-valid'],
    ['an issue in milliseconds', { iat: 1_700_000_000_000 }, 'claims'],
  ])('%s', async (_, claims, fault) => {
    const times: Record<string, number> = { skew: attacker.now - 5, future: attacker.now + 6 };
    const moments = Object.entries(claims).map(([name, value]) => [name, times[String(value)] ?? value]);
    expect(await attacker.refusal(await attacker.token(Object.fromEntries(moments)))).toEqual(refusalOf(fault));
  });

  it.each<[string, (claims: string) => string, TokenFault]>([
    ['an endless expiry', (claims) => claims.replace(/"exp":\d+/, '"exp":1e999'), 'claims'],
    ['an endlessly early start', (claims) => claims.replace(/}$/, ',"nbf":-1e999}'), 'claims'],
    ['two subjects', (claims) => claims.replace('{', '{"sub":"bob",'), 'malformed'],
    ['two subjects, one escaped', (claims) => claims.replace('{', String.raw`{"s\u0075b":"bob",`), 'malformed'],
    ['two expiries', (claims) => claims.replace(/}$/, ',"exp":9999999999}'), 'malformed'],
    ['a prototype', (claims) => claims.replace('"sub":"alice"', '"__proto__":{"sub":"alice"}'), 'subject'],
    ['a list', (claims) => `[${claims}]`, 'malformed'],
    ['something after the end', (claims) => `${claims}{}`, 'malformed'],
    ['a thousand brackets', () => '['.repeat(1000), 'malformed'],
  ])('%s', async (_, change, fault) => {
    expect(await attacker.refusal(await signText(change(JSON.stringify(attacker.claims())), attacker.ec))).toEqual(
      refusalOf(fault),
    );
  });

  it.each<[string, unknown]>([
    ['no scope', undefined],
    ['a tab in the scope', 'admin\tplayback'],
    ['a no-break space in the scope', 'admin\u00A0playback'],
    ['a line break in the scope', 'playback\n'],
    ['another case', 'PLAYBACK'],
    ['a longer name', 'playbacks playback2'],
    ['a scope that is true', true],
    ['a scope that is an object', { playback: true }],
    ['a scope in lists of lists', [['playback']]],
    ['a scope beside another in one member', ['playback admin']],
  ])('%s is not the scope', async (_, scope) => {
    const answer = await attacker.present(await attacker.token({ scope }));
    expect([answer.status, answer.body]).toEqual([403, expect.objectContaining({ code: 'insufficient-scope' })]);
  });

  it('spaces around the scope are only spaces', async () => {
    expect((await attacker.present(await attacker.token({ scope: '  other   playback ' }))).status).toBe(200);
  });
});

describe('size and place', () => {
  it.each<Attack>([
    ['an overlong token', () => attacker.token({ x: 'x'.repeat(6500) }), 'too-long'],
    ['an overlong token that is none', () => 'x'.repeat(8193), 'too-long'],
    ['an overlong header in the token', () => attacker.token({}, { x: 'x'.repeat(2000) }), 'too-long'],
    ['an overlong key id', () => attacker.token({}, { kid: 'x'.repeat(256) }), 'malformed'],
  ])('%s', async (_, token, fault) => {
    expect(await attacker.refusal(await token())).toEqual(refusalOf(fault));
  });

  it('headers beyond what the server reads', async () => {
    expect([400, 431]).toContain((await attacker.present('x'.repeat(32_000))).status);
  });

  it.each<[string, (token: string) => string, number]>([
    [
      'two Authorization headers',
      (token) => `Authorization: Bearer ${token}\r\nAuthorization: Bearer ${token}\r\n`,
      400,
    ],
    ['two tokens in one header', (token) => `Authorization: Bearer ${token}, Bearer ${token}\r\n`, 401],
    ['another scheme first', (token) => `Authorization: Basic YTpi\r\nAuthorization: Bearer ${token}\r\n`, 400],
    ['the scheme DPoP', (token) => `Authorization: DPoP ${token}\r\n`, 401],
    ['a cookie', (token) => `Cookie: access_token=${token}\r\n`, 401],
    ['a proxy header', (token) => `Proxy-Authorization: Bearer ${token}\r\n`, 401],
  ])('%s', async (_, headers, status) => {
    const token = await attacker.token();
    attacker.presented.push(token);
    const socket = connect(Number(new URL(attacker.service.url).port), '127.0.0.1');
    const body = JSON.stringify(PLAYREADY);
    socket.write(
      `POST /v1/license-tokens?access_token=${token} HTTP/1.1\r\nHost: bff\r\nConnection: close\r\n${headers(token)}` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const answer = await text(socket);
    attacker.answers.push(answer);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
});

// Last, when everything above has been presented.
describe('what is left of all these tokens', () => {
  it('nothing in answers and log', () => {
    expect(attacker.answers.length).toBeGreaterThan(40);
    expect(attacker.traces()).toEqual([]);
  });
});
