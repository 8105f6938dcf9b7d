import { describe, expect, it } from 'vitest';
import { AUTHENTICATOR, KID } from '../test-support/requests.js';
import { excerptOf, type IssuedToken, readTokenAnswer, visibleText } from './answer.js';
import { RefusedError, UnreadableAnswerError, type UnreadableReason } from './errors.js';

const isLicenseHost = (host: string): boolean => host.endsWith('.expressplay.com') || host.endsWith('.example');

const read = (status: number, body: string): IssuedToken =>
  readTokenAnswer({ status, body }, { authenticators: [AUTHENTICATOR], isLicenseHost });

function failure(status: number, body: string): unknown {
  try {
    return read(status, body);
  } catch (error) {
    return error;
  }
}

const ACQUISITION = 'https://pr.test.expressplay.com/playready/RightsManager.asmx';

const pair = (licenseAcquisitionUrl: unknown, token: unknown): string =>
  JSON.stringify({ licenseAcquisitionUrl, token });

describe('a token', () => {
  it.each<[string, string, IssuedToken]>([
    [
      'as URL and token apart',
      pair(ACQUISITION, 'AQAA-_1'),
      { licenseUrl: `${ACQUISITION}?ExpressPlayToken=AQAA-_1`, licenseAcquisitionUrl: ACQUISITION, token: 'AQAA-_1' },
    ],
    [
      'as URL with a query and token apart',
      ` ${pair(`${ACQUISITION}?a=1`, 'AQAA')}\r\n`,
      {
        licenseUrl: `${ACQUISITION}?a=1&ExpressPlayToken=AQAA`,
        licenseAcquisitionUrl: `${ACQUISITION}?a=1`,
        token: 'AQAA',
      },
    ],
    [
      'as one URL',
      'https://fp.service.expressplay.com:80/hms/fp/rights/?ExpressPlayToken=AQAA',
      {
        licenseUrl: 'https://fp.service.expressplay.com:80/hms/fp/rights/?ExpressPlayToken=AQAA',
        licenseAcquisitionUrl: 'https://fp.service.expressplay.com:80/hms/fp/rights/',
        token: 'AQAA',
      },
    ],
    [
      'as one URL with the port of its scheme, other parameters and padding',
      'http://fp.example:80/r?b=x%20y&ExpressPlayToken=AQ%3D%3D&c=\r\n',
      {
        licenseUrl: 'http://fp.example:80/r?b=x%20y&ExpressPlayToken=AQ%3D%3D&c=',
        licenseAcquisitionUrl: 'http://fp.example:80/r?b=x%20y&c=',
        token: 'AQ==',
      },
    ],
    [
      'as one URL whose token looks like a code, after a comment',
      '# licence URL\r\nhttps://fp.example/r?ExpressPlayToken=-2018\r\n',
      {
        licenseUrl: 'https://fp.example/r?ExpressPlayToken=-2018',
        licenseAcquisitionUrl: 'https://fp.example/r',
        token: '-2018',
      },
    ],
  ])('%s', (_, body, expected) => {
    expect(read(200, body)).toEqual(expected);
  });
});

describe('a refusal', () => {
  it.each<[string, number, string, number | undefined, string | undefined, string]>([
    [
      'JSON',
      401,
      '{"errorCode":-2018,"errorMessage":"authentication failed"}',
      -2018,
      'invalid-authenticator',
      'authentication failed',
    ],
    ['JSON with the other names', 400, '{"code":"-5003","message":"flags"}', -5003, 'invalid-general-flags', 'flags'],
    [
      'JSON with a 200',
      200,
      '{"errorCode":-2019,"errorMessage":"none left"}',
      -2019,
      'insufficient-tokens',
      'none left',
    ],
    [
      'JSON with a code and a token',
      200,
      '{"errorCode":-2019,"token":"AQAA"}',
      -2019,
      'insufficient-tokens',
      '{"errorCode":-2019,"token":"[redacted]"}',
    ],
    ['JSON without a code', 500, '{"status":500}', undefined, undefined, '{"status":500}'],
    ['JSON whose code is a status', 500, '{"code":500,"message":"oh"}', undefined, undefined, 'oh'],
    ['JSON cut short', 400, '{"errorCode": -4018, "errorMes', -4018, 'missing-kid', '{"errorCode": -4018, "errorMes'],
    ['JSON with an undocumented code', 400, '{"errorCode":-9999}', -9999, undefined, '{"errorCode":-9999}'],
    [
      'HTML',
      400,
      '<html><body><h1>Error</h1>-5006: missing OPL</body></html>',
      -5006,
      'missing-output-protection-level',
      'Error -5006: missing OPL',
    ],
    ['HTML with a 200', 200, '<html>Error -2031</html>', -2031, 'account-disabled', 'Error -2031'],
    [
      'HTML with other numbers before the code',
      400,
      '<!-- -1111 --><meta content="text/html; charset=ISO-8859-1"><style>p{margin:-2222}</style><p id=-3333>2026-11-21 ISO-8859-1 -4444px -2033.',
      -2033,
      'invalid-cookie',
      '2026-11-21 ISO-8859-1 -4444px -2033.',
    ],
    ['HTML without a code', 404, '<h1>Not Found</h1>', undefined, undefined, 'Not Found'],
    ['text', 503, 'Service Unavailable', undefined, undefined, 'Service Unavailable'],
    ['a redirect', 302, '', undefined, undefined, ''],
    ['a token with a bad status', 500, pair(ACQUISITION, 'AQAA'), undefined, undefined, '"token":"[redacted]"}'],
  ])('as %s', (_, status, body, code, codeName, excerpt) => {
    const error = failure(status, body);
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({
      kind: 'refused',
      httpStatus: status,
      excerpt: expect.stringContaining(excerpt) as string,
    });
    expect((error as RefusedError).code).toBe(code);
    expect((error as RefusedError).codeName).toBe(codeName);
  });

  it('says in its message what an operator looks for', () => {
    expect(failure(401, '{"errorCode":-2018}')).toHaveProperty(
      'message',
      'ExpressPlay refused the token request: -2018 invalid-authenticator (HTTP 401)',
    );
    expect(failure(502, 'bad gateway')).toHaveProperty(
      'message',
      'ExpressPlay refused the token request: no event code (HTTP 502)',
    );
    expect(failure(400, '{"errorCode":-9999}')).toHaveProperty(
      'message',
      'ExpressPlay refused the token request: -9999 undocumented (HTTP 400)',
    );
  });
});

describe('an unreadable answer', () => {
  it.each<[string, number, string, UnreadableReason]>([
    ['nothing', 200, '', 'no-token'],
    ['only comments', 200, '# nothing\n', 'no-token'],
    ['text', 200, 'OK', 'no-token'],
    ['HTML without a code', 200, '<html>welcome</html>', 'no-token'],
    ['JSON cut short', 200, pair(ACQUISITION, 'AQAA').slice(0, -3), 'no-token'],
    ['JSON that is no object', 200, `[${pair(ACQUISITION, 'AQAA')}]`, 'no-token'],
    ['JSON without a token', 200, pair(ACQUISITION, undefined), 'no-token'],
    ['JSON without a URL', 200, pair(undefined, 'AQAA'), 'no-token'],
    ['JSON with other types', 200, pair(ACQUISITION, 5), 'no-token'],
    ['JSON with an empty token', 200, pair(ACQUISITION, ''), 'bad-token'],
    ['JSON with the other base64 alphabet', 200, pair(ACQUISITION, 'AQ+/'), 'bad-token'],
    ['JSON with a second parameter in the token', 200, pair(ACQUISITION, 'AQAA&x=1'), 'bad-token'],
    ['JSON with a token of two lines', 200, pair(ACQUISITION, 'AQAA\nAQAA'), 'bad-token'],
    ['JSON with a relative URL', 200, pair('/playready', 'AQAA'), 'bad-url'],
    ['JSON with another scheme', 200, pair('javascript:alert(1)', 'AQAA'), 'bad-url'],
    ['JSON with a fragment', 200, pair(`${ACQUISITION}#x`, 'AQAA'), 'bad-url'],
    ['JSON with a URL of two lines', 200, pair(`${ACQUISITION}\n`, 'AQAA'), 'bad-url'],
    ['a URL without a token', 200, 'https://fp.example/r?x=1', 'no-token'],
    ['a URL with two tokens', 200, 'https://fp.example/r?ExpressPlayToken=A&ExpressPlayToken=B', 'no-token'],
    ['a URL with an empty token', 200, 'https://fp.example/r?ExpressPlayToken=', 'bad-token'],
    ['a URL with a + in the token', 200, 'https://fp.example/r?ExpressPlayToken=A+B', 'bad-token'],
    ['a URL with credentials', 200, 'https://me:pw@fp.example/r?ExpressPlayToken=A', 'bad-url'],
    ['a URL with a user name', 200, 'https://me@fp.example/r?ExpressPlayToken=A', 'bad-url'],
    [
      'a URL that players may read another host in',
      200,
      'https://fp.example\\@evil.test/r?ExpressPlayToken=A',
      'bad-url',
    ],
    ['a URL with its host encoded', 200, 'https://fp%2Eexample/r?ExpressPlayToken=A', 'bad-url'],
    ['a URL with slashes too many', 200, 'https:///fp.example/r?ExpressPlayToken=A', 'bad-url'],
    ['a URL with slashes too few', 200, 'https:fp.example/r?ExpressPlayToken=A', 'bad-url'],
    ['a URL with a port out of range', 200, 'https://fp.example:99999/r?ExpressPlayToken=A', 'bad-url'],
    ['a URL of another host', 200, 'https://evil.test/r?ExpressPlayToken=A', 'foreign-host'],
    ['a URL of an address', 200, 'https://[2001:db8::1]/r?ExpressPlayToken=A', 'foreign-host'],
    ['JSON with another host', 200, pair('https://pr.expressplay.com.evil.test/', 'AQAA'), 'foreign-host'],
    ['JSON with a token in the URL too', 200, pair(`${ACQUISITION}?ExpressPlayToken=AQAA`, 'AQAA'), 'bad-url'],
    ['a URL without a host', 200, 'https://?ExpressPlayToken=A', 'bad-url'],
    ['a URL with a space', 200, 'https://fp.example/a b?ExpressPlayToken=A', 'bad-url'],
    ['two URLs', 200, 'https://a.example/?ExpressPlayToken=A\nhttps://b.example/?ExpressPlayToken=B', 'no-token'],
    ['no content', 204, '', 'unexpected-status'],
    ['a token with another status', 201, pair(ACQUISITION, 'AQAA'), 'unexpected-status'],
  ])('of %s', (_, status, body, reason) => {
    const error = failure(status, body);
    expect(error).toBeInstanceOf(UnreadableAnswerError);
    expect(error).toMatchObject({ kind: 'unreadable', httpStatus: status, reason });
  });
});

const TOKEN = 'AQAAABdQ-_ogAAAAAABPtLFPxPeFRoHNkXMHpd3Uu7jIPY';

describe('an excerpt', () => {
  it.each([
    ['plain text', 'kid must be 32 hexadecimal characters long', 'kid must be 32 hexadecimal characters long'],
    [
      'names of parameters',
      'missing OPL value: uncompressedDigitalAudioOPL',
      'missing OPL value: uncompressedDigitalAudioOPL',
    ],
    ['the words around tokens', 'authentication token invalid: unknown', 'authentication token invalid: unknown'],
    ['the authenticator', `bad authenticator ${AUTHENTICATOR}!`, 'bad authenticator [redacted]!'],
    ['another authenticator, encoded', `authenticator 7%2C${'AB'.repeat(16)}`, 'authenticator [redacted]'],
    ['hex digits', `key ${KID} and ${KID.toLowerCase()}`, 'key [redacted] and [redacted]'],
    ['16 hex digits', 'flags 0123456789abcdef', 'flags [redacted]'],
    ['15 hex digits', 'flags 123456789abcdef', 'flags 123456789abcdef'],
    ['a token', `token ${TOKEN} expired`, 'token [redacted] expired'],
    ['a key in base64', 'key 3q2+7w//Ed4aVPz9vQ+9ZA== is bad', 'key [redacted] is bad'],
    [
      'an echoed form',
      'kid=^a&kek=00ff&contentKey=x&ek=12&cookie=c',
      'kid=^a&kek=[redacted]&contentKey=[redacted]&ek=[redacted]&cookie=c',
    ],
    ['an echoed object', '{"token": "AQAA","cookie":"c"}', '{"token": "[redacted]","cookie":"c"}'],
    [
      'a licence URL',
      'https://fp.example/r?ExpressPlayToken=AQ%3D&x=1',
      'https://fp.example/r?ExpressPlayToken=[redacted]&x=1',
    ],
    ['line breaks and control characters', 'one\r\ntwo\u001b[31m\u0000 three', 'one two [31m three'],
  ])('of %s', (_, text, expected) => {
    expect(excerptOf(text, [AUTHENTICATOR])).toBe(expected);
  });

  it('has at most 200 characters', () => {
    expect(excerptOf('word '.repeat(100), [AUTHENTICATOR])).toHaveLength(200);
  });

  it('redacts every authenticator it is given, and no empty one', () => {
    expect(excerptOf('not one, nor another', ['', 'one', 'other'])).toBe('not [redacted], nor an[redacted]');
  });

  it('redacts before it cuts, so that no secret is left in half', () => {
    const filler = 'word '.repeat(38);
    expect(excerptOf(`${filler}${KID} end`, [AUTHENTICATOR])).toBe(`${filler}[redacted]`);
  });
});

describe('visible text', () => {
  it.each([
    ['<b>a</b>c', ' a c'],
    ['a<!-- b > -->c', 'a c'],
    ['a<style>b</style >c<SCRIPT x=1>d</script>e', 'a c e'],
    ['a<!-- b', 'a '],
    ['a<script>b', 'a '],
    ['a < b', 'a < b'],
  ])('of %s', (html, expected) => {
    expect(visibleText(html)).toBe(expected);
  });
});

describe('a page made to be slow', () => {
  it.each(['<!--', '<', '<script', '<style>', '</style', '7', 'f', 'A', 'token"', 'token" ', ' '])(
    'of "%s" is read in linear time',
    (piece) => {
      const page = piece.repeat(Math.floor(65_536 / piece.length));
      const start = performance.now();
      excerptOf(visibleText(page), [AUTHENTICATOR]);
      expect(performance.now() - start).toBeLessThan(500);
    },
  );
});
