import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomeOf, parametersOf, WRITTEN } from '../test-support/parameters.js';
import {
  AUTHENTICATOR,
  CONTENT_KEY,
  fairPlayRequest,
  KID,
  NOW,
  playReadyRequest,
  randomKey,
  toHex,
  widevineRequest,
} from '../test-support/requests.js';
import { InvalidTokenRequestError } from './errors.js';
import type { AdditionalParameter } from './parameters.js';
import { checkTokenRequest, encodeForm, tokenParameters, type TokenRequest } from './request.js';

describe('additional parameters', () => {
  const of = (...pairs: [string, string][]): AdditionalParameter[] => pairs.map(([name, value]) => ({ name, value }));

  it.each<[string, AdditionalParameter[], string]>([
    ['none', [], 'valid'],
    ['of names that no table lists', of(['minCertSecurityLevel', '2000'], ['kid.0', 'x'], ['KID', '']), 'valid'],
    ['without a name', of(['', 'x']), ' empty-name'],
    ['of a documented name', of(['generalFlags', '00000000']), 'generalFlags documented-name'],
    ["of another service's documented name", of(['wvExtension', 'x']), 'wvExtension documented-name'],
    ['of a name that only has codes', of(['deviceId', 'x']), 'deviceId documented-name'],
    ['that an option switches', of(['useHttps', 'false']), 'useHttps documented-name'],
    ['given twice', of(['algId', 'aesctr'], ['x', 'y'], ['algId', 'aescbc']), 'algId duplicate-name'],
    ['with half a character', of(['algId', '\ud83c']), 'algId ill-formed-text'],
    ['with half a character in the name', of(['\ud83c', 'x']), '\ud83c ill-formed-text'],
  ])('%s', (_, additionalParameters, expected) => {
    const requests: TokenRequest[] = [
      playReadyRequest({ additionalParameters }),
      fairPlayRequest({ additionalParameters }),
      widevineRequest({ additionalParameters }),
    ];
    for (const request of requests) {
      expect(outcomeOf(request)).toBe(expected);
    }
  });

  it('are refused without their values', () => {
    const request = fairPlayRequest({ additionalParameters: of(['kek', 'super-secret']) });
    try {
      checkTokenRequest(request, NOW);
      expect.unreachable();
    } catch (caught) {
      expect(caught).toHaveProperty(
        'message',
        '"kek" cannot be sent to ExpressPlay: an additional parameter has a name that the request itself decides on',
      );
      expect(inspect(caught, { depth: Infinity, showHidden: true })).not.toContain('super-secret');
    }
  });
});

describe('the parameters that no table lists', () => {
  const additionalParameters = [
    { name: 'minCertSecurityLevel', value: '2000' },
    { name: 'kid.0', value: '' },
  ];
  const ADDED = [
    ['minCertSecurityLevel', '2000'],
    ['kid.0', ''],
  ];

  it.each<[string, TokenRequest]>([
    ['PlayReady', playReadyRequest({ cookie: 'c0ffee', additionalParameters })],
    ['FairPlay', fairPlayRequest({ cookie: 'c0ffee', additionalParameters })],
    ['Widevine', widevineRequest({ cookie: 'c0ffee', additionalParameters })],
  ])('come last, as they are given, to %s', (_, request) => {
    expect(parametersOf(request).slice(-4)).toEqual([WRITTEN.expiry, ['cookie', 'c0ffee'], ...ADDED]);
  });

  it('are not sent twice: the names that the request itself sends are its own, with the number of a key or without', () => {
    const one = playReadyRequest({ minCertSecurityLevel: 3000, additionalParameters });
    const [other] = [randomKey(16)].map((contentKey) => ({
      kid: toHex(contentKey),
      key: { kind: 'clear' as const, contentKey },
    }));
    const several = playReadyRequest({ ...one, key: { kind: 'clear', contentKey: CONTENT_KEY }, otherKeys: [other!] });
    const levels = (request: TokenRequest) =>
      parametersOf(request).filter(([name]) => /^(?:minCertSecurityLevel|kid\.0)/.test(name!));
    expect(levels(one)).toEqual([
      ['minCertSecurityLevel', '3000'],
      ['kid.0', ''],
    ]);
    expect(levels(several)).toEqual([
      ['kid.0', KID.toLowerCase()],
      ['minCertSecurityLevel.0', '3000'],
    ]);
  });

  it('have useHttps among them when it is switched on', () => {
    const request = widevineRequest({ additionalParameters });
    const on = tokenParameters(request, { customerAuthenticator: AUTHENTICATOR, useHttps: true });
    expect(on.slice(-4)).toEqual([WRITTEN.expiry, ['useHttps', 'true'], ...ADDED]);
    expect(parametersOf(request).map(([name]) => name)).not.toContain('useHttps');
  });
});

describe('the refusal before sending', () => {
  it('names parameter and code, never the value', () => {
    const error = new InvalidTokenRequestError('contentKey', -2027);
    expect(error.message).toBe('contentKey would be refused by ExpressPlay: -2027 content-key-length');
    expect(error).toMatchObject({ kind: 'invalid-request', codeName: 'content-key-length' });

    const request = playReadyRequest({ kid: 'super-secret-kid' });
    try {
      checkTokenRequest(request, NOW);
      expect.unreachable();
    } catch (caught) {
      expect(inspect(caught, { depth: Infinity, showHidden: true })).not.toContain('super-secret-kid');
    }
  });
});

describe('the form', () => {
  it('encodes what a form must: + as %2B, a comma, ^, space, repeated names, bytes as hex', () => {
    const form = encodeForm([
      ['expirationTime', '+60'],
      ['kid', '^a b&c=d+e'],
      ['kek', Uint8Array.of(0, 1, 0xab, 0xff)],
      ['fpExtension', 'wudo,AA+/=='],
      ['fpExtension', 'wudo,é'],
    ]);
    expect(form.toString()).toBe(
      'expirationTime=%2B60&kid=%5Ea+b%26c%3Dd%2Be&kek=0001abff&fpExtension=wudo%2CAA%2B%2F%3D%3D&fpExtension=wudo%2C%C3%A9',
    );
  });

  it('is what the URL standard makes of the same names and values, whatever they are', () => {
    const text = fc.string({ unit: 'binary' });
    const value = fc.oneof(text, fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, value), { maxLength: 8 }), (parameters) => {
        const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
        const expected = new URLSearchParams();
        for (const [name, one] of parameters) expected.append(name, typeof one === 'string' ? one : hex(one));
        expect(encodeForm(parameters).toString()).toBe(expected.toString());
      }),
    );
  });

  it('has memory of its own, so that clearing it clears nothing else', () => {
    const form = encodeForm([['ek', new Uint8Array(24)]]);
    expect([form.byteOffset, form.buffer.byteLength]).toEqual([0, form.length]);
  });
});
