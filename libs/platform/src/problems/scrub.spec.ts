import { describe, expect, it } from 'vitest';
import { scrubSecrets } from './scrub.js';

const HEX = '1ad8eed133edf43cbcc185f0236828ae';
const TOKEN = `AQAA${'abcDEF12_-'.repeat(8)}`;
const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl';

describe('scrubSecrets', () => {
  it.each([
    ['an authenticator', `refused 201722,${HEX}.`, HEX],
    ['an encoded authenticator', `body customerAuthenticator=201722%2C${HEX}&kid=1`, HEX],
    ['an authenticator in JSON', `{"customerAuthenticator":"201722,${HEX}"}`, HEX],
    ['a content key', `contentKey=${HEX}&kid=1`, HEX],
    ['a short key by its name', 'kek=c0ffee', 'c0ffee'],
    ['a bare key', `key ${HEX} is bad`, HEX],
    ['a wrapped key', `ek ${HEX}${HEX.slice(16)}`, HEX],
    ['a wrapped key as Postgres prints it', `Failing row contains (sintel, \\x${HEX}${HEX.slice(16)}).`, HEX.slice(16)],
    ['a wrapped key as Postgres prints it, in JSON', `{"ek_":"\\\\x${HEX}"}`, HEX],
    ['a key with 0x', `0x${HEX.toUpperCase()}`, HEX.toUpperCase()],
    ['a buffer', 'key <Buffer 1a d8 ee d1 33 ... 12 more bytes>', 'd8 ee'],
    ['a buffer of one byte', '<Buffer 1a>', '1a'],
    ['an array of bytes', 'Uint8Array(4) [\n  26, 216, 238,\n  209\n]', '216'],
    ['a buffer in JSON', '{"type":"Buffer","data":[26,216,238,209]}', '216'],
    ['16 bytes in base64', 'key GtjuVDO+9/PLzBhfAjaCrg== is bad', 'GtjuVDO'],
    ['24 bytes in base64', '"GtjuVDO+9/PLzBhfAjaCrhrY7lQzvvfz"', 'GtjuVDO'],
    ['32 bytes in base64', 'GtjuVDO+9/PLzBhfAjaCrhrY7lQzvvfzy8wYXwI2gq4=', 'GtjuVDO'],
    ['a bare token in base64 with slashes', `AQAA${'abcDEF12/+'.repeat(8)}`, 'abcDEF12'],
    ['a token by its name', '?token=AQAAabc&x=1', 'AQAAabc'],
    ['an access token by its name', 'access_token=abc.def', 'abc.def'],
    ['an access token in JSON', '{"access_token": "abc.def"}', 'abc.def'],
    ['a bearer token by its name', "{ 'bearerToken': 'abc.def' }", 'abc.def'],
    ['a licence token', `GET /rights/?ExpressPlayToken=${TOKEN}`, TOKEN],
    ['a short licence token by its name', '?ExpressPlayToken=AQAAabc', 'AQAAabc'],
    ['a bare licence token', `token ${TOKEN}`, TOKEN],
    ['a bearer token', `Authorization: Bearer ${JWT}`, 'eyJ'],
    ['an opaque bearer token', 'sent Bearer abcdefgh12345678', 'abcdefgh12345678'],
    ['a bare JWT', `parsing ${JWT} failed`, 'eyJ'],
    ['a password in a URL', 'connect postgresql://bff:s3cret@db:5432/bff', 's3cret'],
    ['a password in a connection string', "password='s3cret' host=db", 's3cret'],
  ])('takes out %s', (_, text, secret) => {
    expect(text).toContain(secret);
    expect(scrubSecrets(text)).not.toContain(secret);
    expect(scrubSecrets(text)).toContain('[scrubbed]');
  });

  it.each([
    'connect ECONNREFUSED 127.0.0.1:5432',
    'https://pr-gen.test.expressplay.com/hms/pr/token answered 400 with -2018',
    'request 7c9e6679-7425-40de-944b-e07fc1f90afd failed',
    'at file:///work/apps/entitlement/src/license-tokens/license-tokens.service.ts:12:34',
    'the week of a seeking token: none',
    'Unexpected token } in JSON at position 4; a token = a word',
    'at /home/runner/work/entitlement/entitlement/apps/entitlement/src/license-tokens/license-tokens.service.ts:12:34',
    'at node_modules/@prisma/client/src/runtime/RequestHandler.ts, AuthenticatorFallbacks.report, PrismaClientKnownRequestError',
    'a promise of {"data":["a"]} and an empty <Buffer >',
    'Basic access',
  ])('leaves %j alone', (text) => {
    expect(scrubSecrets(text)).toBe(text);
  });

  // With a pattern that takes quadratic time these need minutes.
  it.each([
    'a.',
    '-eyJ',
    'kek ',
    'kek=',
    '1,',
    'Bearer ',
    'a-',
    ' x:/',
    'x://',
    'f',
    'xf',
    '="',
    '/',
    'aA1/',
    '<Buffer aa',
    '"data": 1',
    'token"',
    'token= ',
  ])('is quick with a long run of %j', (piece) => {
    const text = piece.repeat(300_000 / piece.length);
    const start = performance.now();
    scrubSecrets(text);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
