import { describe, expect, it } from 'vitest';
import { UnauthenticatedError } from './auth.errors.js';
import { encodePart } from './testing/issuer.js';
import { MAX_TOKEN_LENGTH, readTokenHeader } from './token-header.js';

const good = { alg: 'ES256', kid: 'one' };

function fault(token: string): string | undefined {
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
    expect(fault(`${encodePart({ ...good, ...header })}.e30.AA`)).toBe(expected);
  });

  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt'])('knows the type %s as that of an access token alone', (typ) => {
    const read = (header: object) => readTokenHeader(`${encodePart({ ...good, ...header })}.e30.AA`, ['ES256']);
    expect(read({ typ })).toMatchObject({ isAccessToken: true });
    expect(read({ typ: 'JWT' })).toMatchObject({ isAccessToken: false });
  });

  it('looks at the length before anything else', () => {
    const token = `${encodePart(good)}.e30.`;
    expect(fault(token + 'A'.repeat(MAX_TOKEN_LENGTH - token.length))).toBeUndefined();
    expect(fault(token + 'A'.repeat(MAX_TOKEN_LENGTH - token.length + 1))).toBe('too-long');
    expect(fault('é'.repeat(MAX_TOKEN_LENGTH + 1))).toBe('too-long');
    expect(fault(`${encodePart({ ...good, x5c: ['x'.repeat(2048)] })}.e30.AA`)).toBe('too-long');
  });

  it.each(['', '.', '..', 'a.b', 'a.b.c.d', 'a.b.c.d.e', ' a.b.c', 'a.b.c\n', 'a=.b.c', 'a+.b/.c', 'YQ.e30.AA'])(
    'refuses %j',
    (token) => {
      expect(fault(token)).toBe('malformed');
    },
  );

  it('refuses a header that says something twice', () => {
    const header = Buffer.from('{"alg":"none","alg":"ES256"}').toString('base64url');
    expect(fault(`${header}.e30.AA`)).toBe('malformed');
  });
});
