import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessClaimsFault, MAX_TOKEN_LENGTH, readTokenHeader, scopesOf, strictJsonObject } from './access-token.js';
import { UnauthenticatedError } from './auth.errors.js';
import { encodePart } from './testing/issuer.js';

const goodHeader = { alg: 'ES256', kid: 'one' };

function headerFault(token: string): string | undefined {
  try {
    readTokenHeader(token, ['ES256', 'RS256']);
    return undefined;
  } catch (error) {
    if (error instanceof UnauthenticatedError) return error.fault;
    throw error;
  }
}

describe('readTokenHeader', () => {
  it.each<[string, object, string | undefined]>([
    ['as it should be', {}, undefined],
    ['without key id', { kid: undefined }, undefined],
    ['with a key id that is a number', { kid: 1 }, 'malformed'],
    ['with a key id that is a list', { kid: ['one'] }, 'malformed'],
    ['with a key id of null', { kid: null }, 'malformed'],
    ['with a key id of 256 characters', { kid: 'x'.repeat(256) }, 'malformed'],
    ['without algorithm', { alg: undefined }, 'malformed'],
    ['with a list of algorithms', { alg: ['ES256'] }, 'malformed'],
    ['with none', { alg: 'none' }, 'algorithm'],
    ['with None', { alg: 'nOnE' }, 'algorithm'],
    ['with HMAC', { alg: 'HS256' }, 'algorithm'],
    ['with the wrong case', { alg: 'es256' }, 'algorithm'],
    ['with a name of every object', { alg: 'constructor' }, 'algorithm'],
    ['with a critical extension', { crit: ['exp'], exp: 1 }, 'extension'],
    ['with an unencoded payload', { crit: ['b64'], b64: false }, 'extension'],
    ['with an empty list of extensions', { crit: [] }, 'extension'],
    ['of type JWT', { typ: 'JWT' }, undefined],
    ['of type application/AT+JWT', { typ: 'application/AT+JWT' }, undefined],
    ['of type dpop+jwt', { typ: 'dpop+jwt' }, 'kind'],
    ['of type logout+jwt', { typ: 'logout+jwt' }, 'kind'],
    ['of an empty type', { typ: '' }, 'kind'],
    ['of a type that is a list', { typ: ['JWT'] }, 'kind'],
    ['of a type of null', { typ: null }, 'kind'],
    ['with a key and addresses of keys', { jwk: {}, jku: 'http://x', x5u: 'http://x', x5c: [] }, undefined],
  ])('takes or refuses a token %s', (_, header, expected) => {
    expect(headerFault(`${encodePart({ ...goodHeader, ...header })}.e30.AA`)).toBe(expected);
  });

  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt'])('knows the type %s as that of an access token alone', (typ) => {
    const readHeader = (header: object) =>
      readTokenHeader(`${encodePart({ ...goodHeader, ...header })}.e30.AA`, ['ES256']);
    expect(readHeader({ typ })).toMatchObject({ isAccessToken: true });
    expect(readHeader({ typ: 'JWT' })).toMatchObject({ isAccessToken: false });
  });

  it('looks at the length before anything else', () => {
    const token = `${encodePart(goodHeader)}.e30.`;
    expect(headerFault(token + 'A'.repeat(MAX_TOKEN_LENGTH - token.length))).toBeUndefined();
    expect(headerFault(token + 'A'.repeat(MAX_TOKEN_LENGTH - token.length + 1))).toBe('too-long');
    expect(headerFault('é'.repeat(MAX_TOKEN_LENGTH + 1))).toBe('too-long');
    expect(headerFault(`${encodePart({ ...goodHeader, x5c: ['x'.repeat(2048)] })}.e30.AA`)).toBe('too-long');
  });

  it.each(['', '.', '..', 'a.b', 'a.b.c.d', 'a.b.c.d.e', ' a.b.c', 'a.b.c\n', 'a=.b.c', 'a+.b/.c', 'YQ.e30.AA'])(
    'refuses %j',
    (token) => {
      expect(headerFault(token)).toBe('malformed');
    },
  );

  it('refuses a header that says something twice', () => {
    const header = Buffer.from('{"alg":"none","alg":"ES256"}').toString('base64url');
    expect(headerFault(`${header}.e30.AA`)).toBe('malformed');
  });
});

const now = 1_800_000_000;
const goodClaims = { sub: 'alice', aud: 'bff', exp: now + 60 };
const issuer = { audiences: ['bff', 'other'], audienceClaim: undefined };

function claimsFault(claims: Record<string, unknown>, others: object = {}): string | undefined {
  return accessClaimsFault({ ...goodClaims, ...claims }, { now, skew: 5, isAccessToken: false, ...issuer, ...others });
}

describe('accessClaimsFault', () => {
  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['nothing unusual', {}, undefined],
    ['an expiry with a fraction', { exp: now + 0.5 }, undefined],
    ['an expiry in the year 9999', { exp: 253_402_300_799 }, undefined],
    ['an expiry in milliseconds', { exp: (now + 60) * 1000 }, 'claims'],
    ['an endless expiry', { exp: Number.POSITIVE_INFINITY }, 'claims'],
    ['a start without beginning', { nbf: Number.NEGATIVE_INFINITY }, 'claims'],
    ['an issue in words', { iat: 'today' }, 'claims'],
    ['an issue of null', { iat: null }, 'claims'],
    ['an issue at the edge of the skew', { iat: now + 5 }, undefined],
    ['an issue after the skew', { iat: now + 5.1 }, 'not-yet-valid'],
    ['an issue long ago', { iat: 0 }, undefined],
    ['a key confirmation', { cnf: { jkt: 'thumbprint' } }, 'bound'],
    ['an empty key confirmation', { cnf: null }, 'bound'],
    ['a lone surrogate in the subject', { sub: 'a\uD800' }, 'subject'],
    ['a subject of 255 characters beyond the basic plane', { sub: '\u{1F3AC}'.repeat(255) }, undefined],
    ['a subject of 256 of them', { sub: '\u{1F3AC}'.repeat(256) }, 'subject'],
    ['a subject that is a dot', { sub: '.' }, undefined],
    ['everybody as the subject', { sub: '*' }, 'subject'],
    ['a subject in a list', { sub: ['alice'] }, 'subject'],
    ['a nonce', { nonce: '' }, 'kind'],
    ['the hash of an access token', { at_hash: 'x' }, 'kind'],
    ['the hash of a code', { c_hash: 'x' }, 'kind'],
    ['the hash of a state', { s_hash: 'x' }, 'kind'],
    ['events', { events: {} }, 'kind'],
    ["Keycloak's word for ID tokens", { typ: 'ID' }, 'kind'],
    ["Keycloak's word for refresh tokens", { typ: 'Refresh' }, 'kind'],
    ["Keycloak's word for access tokens", { typ: 'Bearer' }, undefined],
    ["Cognito's word for ID tokens", { token_use: 'id' }, 'kind'],
    ["Cognito's word for access tokens", { token_use: 'access' }, undefined],
    ['a kind that is no text', { typ: { toString: 'id' } }, undefined],
  ])('judges %s', (_, claims, expected) => {
    expect(claimsFault(claims)).toBe(expected);
  });

  it('believes the header of an access token about its kind, and about nothing else', () => {
    expect(claimsFault({ nonce: 'x' }, { isAccessToken: true })).toBeUndefined();
    expect(claimsFault({ cnf: {} }, { isAccessToken: true })).toBe('bound');
  });

  it.each<[string, object, string | undefined, string | undefined]>([
    ['one of the audiences', { aud: 'other' }, undefined, undefined],
    ['one in a list', { aud: ['elsewhere', 'bff'] }, undefined, undefined],
    ['another', { aud: 'bff2' }, undefined, 'audience'],
    ['a list of lists', { aud: [['bff']] }, undefined, 'audience'],
    ['none', { aud: undefined, client_id: 'bff' }, undefined, 'audience'],
    ['none but the claim of the settings', { aud: undefined, client_id: 'bff' }, 'client_id', undefined],
    ['none but another in that claim', { aud: undefined, client_id: 'player' }, 'client_id', 'audience'],
    ['none, nor that claim', { aud: undefined }, 'client_id', 'audience'],
    ['another, whatever that claim says', { aud: 'elsewhere', client_id: 'bff' }, 'client_id', 'audience'],
    ['null, whatever that claim says', { aud: null, client_id: 'bff' }, 'client_id', 'audience'],
    ['none, where that claim is of the prototype', { aud: undefined }, 'constructor', 'audience'],
  ])('judges a token that names as audience %s', (_, claims, audienceClaim, expected) => {
    // As JSON has it: what is undefined is not there.
    const parsed = JSON.parse(JSON.stringify({ ...goodClaims, ...claims })) as Record<string, unknown>;
    const circumstances = { now, skew: 5, isAccessToken: false, audiences: issuer.audiences, audienceClaim };
    expect(accessClaimsFault(parsed, circumstances)).toBe(expected);
  });
});

describe('scopesOf', () => {
  it.each<[string, unknown, string[]]>([
    ['several spaces', ' a   playback ', ['a', 'playback']],
    ['a tab', 'a\tplayback', []],
    ['a line break', 'playback\n', []],
    ['a no-break space', 'a\u00A0playback', []],
    ['a quote', 'play"back playback', ['playback']],
    ['a NUL', 'playback\0', []],
    ['another case', 'Playback', ['Playback']],
    ['a list', ['playback', ['admin'], 7, '', 'a b'], ['playback']],
    ['an object', { playback: true }, []],
    ['a number', 1, []],
    ['true', true, []],
    ['null', null, []],
  ])('reads %s', (_, scope, expected) => {
    expect([...scopesOf({ scope }, ['scope'])]).toEqual(expected);
  });

  it('takes the first claim that is there, and no other', () => {
    const names = ['scope', 'scp', 'https://shop.example/roles'];
    expect([...scopesOf({ scp: 'playback', roles: ['admin'] }, names)]).toEqual(['playback']);
    expect([...scopesOf({ scope: null, scp: 'playback' }, names)]).toEqual([]);
    expect([...scopesOf({ 'https://shop.example/roles': ['playback'] }, names)]).toEqual(['playback']);
    expect([...scopesOf({}, ['toString'])]).toEqual([]);
  });
});

function read(text: string | Uint8Array): unknown {
  return strictJsonObject(Buffer.from(text).toString('base64url'));
}

describe('strictJsonObject', () => {
  it.each([
    ['{}'],
    ['{"a":{"b":1},"c":{"b":1},"d":[{"b":1},{"b":2}]}'],
    ['{"a":"a","b":["a","a"],"c":":"}'],
    [String.raw`{"a\"":1,"a":"\\","b":"{\"a\":1,\"a\":1}"}`],
    ['{ "a" : 1 ,\n "A" : -1e5, "":null, "__proto__":true, "toString":1 }'],
  ])('reads %s', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['{"a":1,"a":1}'],
    ['{"a":1,"b":2, "a" :3}'],
    [String.raw`{"sub":1,"s\u0075b":2}`],
    ['{"a":[{"b":{"c":1,"c":2}}]}'],
    ['{"a":{"b":1},"a":{"b":1}}'],
    ['{"":1,"":2}'],
  ])('refuses a repeated name in %s', (text) => {
    expect(() => read(text)).toThrow(/twice/);
  });

  it.each(['', '[]', 'null', '"a"', '1', '{', '{"a":1}}', "{'a':1}"])('refuses %j, which is no object', (text) => {
    expect(() => read(text)).toThrow(Error);
  });

  it('refuses what is not UTF-8', () => {
    expect(() => read(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow(/UTF-8/);
  });

  it('finds no repeated names where there are none, and every one that is put in', () => {
    const objects = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
    fc.assert(
      fc.property(objects, (object) => {
        const text = JSON.stringify(object);
        expect(read(text)).toEqual(JSON.parse(text));
        const [name] = Object.keys(JSON.parse(text) as object);
        expect(() => read(`${text.slice(0, -1)},${JSON.stringify(name)}:0}`)).toThrow(/twice/);
      }),
    );
  });
});
