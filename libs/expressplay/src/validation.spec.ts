import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { EK, fairPlayRequest, KEK, KID, NOW, playReadyRequest, widevineRequest } from '../test-support/requests.js';
import { InvalidTokenRequestError } from './errors.js';
import type {
  AdditionalParameter,
  FairPlayTokenRequest,
  OutputProtectionLevels,
  PlayReadyTokenRequest,
  TokenRequest,
  WidevineTokenRequest,
} from './token-request.js';
import { checkTokenRequest } from './validation.js';

/** "parameter", then code or fault of the refusal; or "valid". */
function outcome(check: () => void): string {
  try {
    check();
    return 'valid';
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidTokenRequestError);
    const { parameter, code, fault } = error as InvalidTokenRequestError;
    return `${parameter} ${code ?? fault}`;
  }
}

const rental = (periodEndTime: Date, playDurationSeconds?: number): Partial<PlayReadyTokenRequest> => ({
  rights: { type: 'rental', periodEndTime, ...(playDurationSeconds === undefined ? {} : { playDurationSeconds }) },
});
const opl = (change: Partial<OutputProtectionLevels>): Partial<PlayReadyTokenRequest> => ({
  opl: { ...playReadyRequest().opl, ...change },
});
const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const END = new Date('2026-12-01T10:00:00Z');

describe('a PlayReady request', () => {
  it.each<[string, Partial<PlayReadyTokenRequest>, string]>([
    ['a purchase', {}, 'valid'],
    ['unknown rights', JSON.parse('{"rights":{"type":"gift"}}') as Partial<PlayReadyTokenRequest>, 'rightsType -2021'],
    ['a rental', rental(END, 172800), 'valid'],
    ['a rental without play duration', rental(END), 'valid'],
    ['an invalid end', rental(new Date(Number.NaN)), 'rental.periodEndTime -2022'],
    ['an end in the next second', rental(new Date('2026-12-01T09:00:01Z')), 'valid'],
    ['an end that is past', rental(new Date('2026-12-01T08:59:59Z')), 'rental.periodEndTime -2022'],
    [
      'an end that is past in whole seconds',
      rental(new Date('2026-12-01T09:00:00.900Z')),
      'rental.periodEndTime -2022',
    ],
    ['an end in the year 9999', rental(new Date('9999-12-31T23:59:59.999Z')), 'valid'],
    ['an end in the year 10000', rental(new Date('+010000-01-01T00:00:00Z')), 'rental.periodEndTime -2022'],
    ['an end before the year 0', rental(new Date('-000001-12-31T00:00:00Z')), 'rental.periodEndTime -2022'],
    ['a play duration of 1', rental(END, 1), 'valid'],
    ['a play duration of 0', rental(END, 0), 'rental.playDuration -2025'],
    ['a play duration with a fraction', rental(END, 1.5), 'rental.playDuration -2025'],
    ['a play duration that is no number', rental(END, Number.NaN), 'rental.playDuration -2025'],
    ['a play duration of all of 32 bits', rental(END, 2 ** 32 - 1), 'valid'],
    ['a play duration beyond 32 bits', rental(END, 2 ** 32), 'rental.playDuration -2025'],

    ['no KID', { kid: '' }, 'kid -4018'],
    ['a KID of 31 digits', { kid: KID.slice(1) }, 'kid -4020'],
    ['a KID with hyphens', { kid: 'a1b2c3d4-e5f6-0718-293a-4b5c6d7e8f90' }, 'kid -4020'],
    ['a KID that is not hex', { kid: `g${KID.slice(1)}` }, 'kid -4022'],
    ['a KID as text', { kid: '^sintel' }, 'valid'],
    ['a KID of no text', { kid: '^' }, 'kid -4022'],
    ['a KID of 64 characters', { kid: `^${'x'.repeat(64)}` }, 'valid'],
    ['a KID of 65 characters', { kid: `^${'x'.repeat(65)}` }, 'kid -4021'],

    ['a KID of half a character', { kid: '^\ud83c' }, 'kid -4022'],

    ['a clear key', { key: { kind: 'clear', contentKey: bytes(16) } }, 'valid'],
    ['a clear key of 15 bytes', { key: { kind: 'clear', contentKey: bytes(15) } }, 'contentKey -2027'],
    ['a clear key of 32 bytes', { key: { kind: 'clear', contentKey: bytes(32) } }, 'contentKey -2027'],
    ['key storage', { key: { kind: 'key-storage', kek: bytes(24) } }, 'valid'],
    ['key storage with a KEK of 8 bytes', { key: { kind: 'key-storage', kek: bytes(8) } }, 'kek -4024'],
    ['a KEK of 32 bytes', { key: { kind: 'wrapped', kek: bytes(32), ek: EK } }, 'valid'],
    ['a KEK of 17 bytes', { key: { kind: 'wrapped', kek: bytes(17), ek: EK } }, 'kek -4024'],
    ['a wrapped key of 16 bytes', { key: { kind: 'wrapped', kek: KEK, ek: bytes(16) } }, 'ek -4024'],
    ['a wrapped key of 32 bytes', { key: { kind: 'wrapped', kek: KEK, ek: bytes(32) } }, 'ek -4024'],

    ['levels of 0 and 999', opl({ analogVideo: 0, uncompressedDigitalVideo: 999 }), 'valid'],
    ['a level of -1', opl({ analogVideo: -1 }), 'analogVideoOPL -2034'],
    ['a level of 1000', opl({ compressedDigitalAudio: 1000 }), 'compressedDigitalAudioOPL -2034'],
    ['a level with a fraction', opl({ compressedDigitalVideo: 0.5 }), 'compressedDigitalVideoOPL -2034'],
    ['a level that is no number', opl({ uncompressedDigitalAudio: Number.NaN }), 'uncompressedDigitalAudioOPL -2034'],
    [
      'four levels',
      JSON.parse('{"opl":{"analogVideo":1}}') as Partial<PlayReadyTokenRequest>,
      'compressedDigitalAudioOPL -5006',
    ],

    ['SDOnly', { unknownOutputBehavior: 'SDOnly' }, 'valid'],
    [
      'an unknown output behaviour',
      JSON.parse('{"unknownOutputBehavior":"sdonly"}') as Partial<PlayReadyTokenRequest>,
      'unknownOutputBehavior -5001',
    ],
    ['flags', { outputControlFlags: '0000000F' }, 'valid'],
    ['flags of 3 bytes', { outputControlFlags: '000000' }, 'outputControlFlags -2040'],
    ['flags that are not hex', { outputControlFlags: '0000000g' }, 'outputControlFlags -2008'],

    ['an extension', { extension: { type: 'wudo', payload: 'AAAAAA==' } }, 'valid'],
    ['an extension type of 3', { extension: { type: 'wud', payload: 'AAAAAA==' } }, 'extensionType -2036'],
    ['an extension type with a comma', { extension: { type: 'wu,o', payload: 'AAAAAA==' } }, 'extensionType -2036'],
    ['an extension without payload', { extension: { type: 'wudo', payload: '' } }, 'extensionPayload -2035'],
    ['a payload that is not base64', { extension: { type: 'wudo', payload: 'AAA' } }, 'extensionPayload -2037'],

    ['a life that ends with the second', { expiresAt: new Date('2026-12-01T09:00:01.000Z') }, 'valid'],
    [
      'a life that has ended in whole seconds',
      { expiresAt: new Date('2026-12-01T09:00:00.999Z') },
      'expirationTime -2002',
    ],
    ['a life without an end', { expiresAt: new Date(NaN) }, 'expirationTime -2002'],
    ['a life of 30 days in whole seconds', { expiresAt: new Date('2026-12-31T09:00:00.999Z') }, 'valid'],
    ['a life of more than 30 days', { expiresAt: new Date('2026-12-31T09:00:01.000Z') }, 'expirationTime -2002'],

    ['a cookie of 32', { cookie: 'c'.repeat(32) }, 'valid'],
    ['a cookie of 33', { cookie: 'c'.repeat(33) }, 'cookie -2033'],
    ['a cookie of 32 characters beyond the basic plane', { cookie: '🎬'.repeat(32) }, 'valid'],
    ['a cookie of half a character', { cookie: '\udfac' }, 'cookie -2033'],
    ['several faults: the first that ExpressPlay looks at', { kid: '', cookie: 'c'.repeat(33) }, 'kid -4018'],
  ])('with %s', (_, change, expected) => {
    expect(outcome(() => checkTokenRequest(playReadyRequest(change), NOW))).toBe(expected);
  });
});

describe('a FairPlay request', () => {
  it.each<[string, Partial<FairPlayTokenRequest>, string]>([
    ['a purchase', {}, 'valid'],
    ['an IV of 31 digits', { iv: KID.slice(1) }, 'iv -6003'],
    ['an IV that is not hex', { iv: `g${KID.slice(1)}` }, 'iv -6003'],
    ['no IV', { iv: '' }, 'iv -6003'],
    ['key storage and no KID', { key: { kind: 'key-storage', kek: KEK } }, 'kid -6005'],
    ['key storage and a KID', { key: { kind: 'key-storage', kek: KEK }, kid: KID }, 'valid'],
    ['key storage and a bad KID', { key: { kind: 'key-storage', kek: KEK }, kid: '^' }, 'kid -4022'],
    ['a clear key of 15 bytes', { key: { kind: 'clear', contentKey: bytes(15) } }, 'contentKey -2027'],
    ['a rental of 1 second', { rentalDurationSeconds: 1 }, 'valid'],
    ['a rental of 0, which would have no end', { rentalDurationSeconds: 0 }, 'rentalDuration rental-without-end'],
    ['a rental of -1', { rentalDurationSeconds: -1 }, 'rentalDuration -6007'],
    ['a rental with a fraction', { rentalDurationSeconds: 0.5 }, 'rentalDuration -6007'],
    ['an extension', { extensions: [{ type: 'wudo', payload: 'AAAAAA==' }] }, 'valid'],
    ['a bad extension type', { extensions: [{ type: 'wudos', payload: 'AAAAAA==' }] }, 'fpExtension -2036'],
    ['an empty extension', { extensions: [{ type: 'wudo', payload: '' }] }, 'fpExtension -2035'],
    ['a payload in the URL-safe alphabet', { extensions: [{ type: 'wudo', payload: '_-==' }] }, 'fpExtension -2037'],
    ['a life of more than 30 days', { expiresAt: new Date('2026-12-31T09:00:01.000Z') }, 'expirationTime -2002'],
    ['a cookie of 33', { cookie: 'c'.repeat(33) }, 'cookie -2033'],
  ])('with %s', (_, change, expected) => {
    expect(outcome(() => checkTokenRequest(fairPlayRequest(change), NOW))).toBe(expected);
  });
});

describe('a Widevine request', () => {
  const without = (name: keyof WidevineTokenRequest): Partial<WidevineTokenRequest> => ({ [name]: undefined });
  it.each<[string, Partial<WidevineTokenRequest>, string]>([
    ['a purchase', {}, 'valid'],
    ['a licence duration of 1 second', { licenseDurationSeconds: 1 }, 'valid'],
    ['a licence duration of 0, which would have no end', { licenseDurationSeconds: 0 }, 'licenseDuration -7007'],
    ['a licence duration with a fraction', { licenseDurationSeconds: 1.5 }, 'licenseDuration -7007'],
    ['a licence duration beyond 32 bits', { licenseDurationSeconds: 2 ** 32 }, 'licenseDuration -7007'],
    ['no KID', { kid: '' }, 'kid -4018'],
    ['a KID of 31 digits', { kid: KID.slice(1) }, 'kid -4020'],
    ['a KID as text', { kid: '^sintel' }, 'valid'],
    ['a clear key of 15 bytes', { key: { kind: 'clear', contentKey: bytes(15) } }, 'contentKey -2027'],
    ['a KEK of 17 bytes', { key: { kind: 'wrapped', kek: bytes(17), ek: EK } }, 'kek -4024'],
    ['no security level', without('securityLevel'), 'securityLevel -7003'],
    ['a security level of 0', { securityLevel: 0 }, 'securityLevel -7004'],
    ['a security level of 5', { securityLevel: 5 }, 'valid'],
    ['a security level of 6', { securityLevel: 6 }, 'securityLevel -7004'],
    ['a security level with a fraction', { securityLevel: 1.5 }, 'securityLevel -7004'],
    ['no HDCP output control', without('hdcpOutputControl'), 'hdcpOutputControl -7006'],
    ['an HDCP output control of -1', { hdcpOutputControl: -1 }, 'hdcpOutputControl -2034'],
    ['an HDCP output control of 2', { hdcpOutputControl: 2 }, 'valid'],
    ['an HDCP output control of 3', { hdcpOutputControl: 3 }, 'hdcpOutputControl -2034'],
    ['a content id', { contentId: 'sintel' }, 'valid'],
    ['a content id of half a character', { contentId: '\ud83c' }, 'contentId ill-formed-text'],
    ['an extension', { extensions: [{ type: 'wudo', payload: 'AAAAAA==' }] }, 'valid'],
    ['a bad extension type', { extensions: [{ type: 'wudos', payload: 'AAAAAA==' }] }, 'wvExtension -2036'],
    ['an empty extension', { extensions: [{ type: 'wudo', payload: '' }] }, 'wvExtension -2035'],
    ['a payload that is not base64', { extensions: [{ type: 'wudo', payload: '_-==' }] }, 'wvExtension -2037'],
    ['a life of more than 30 days', { expiresAt: new Date('2026-12-31T09:00:01.000Z') }, 'expirationTime -2002'],
    ['a cookie of 33', { cookie: 'c'.repeat(33) }, 'cookie -2033'],
    [
      'several faults: the first that ExpressPlay looks at',
      { licenseDurationSeconds: 0, kid: '' },
      'licenseDuration -7007',
    ],
  ])('with %s', (_, change, expected) => {
    expect(outcome(() => checkTokenRequest(widevineRequest(change), NOW))).toBe(expected);
  });
});

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
      expect(outcome(() => checkTokenRequest(request, NOW))).toBe(expected);
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
