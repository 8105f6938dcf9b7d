import { describe, expect, it } from 'vitest';
import { AUTHENTICATOR, KID } from '../test-support/requests.js';
import { excerptOf, visibleText } from './excerpt.js';

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
