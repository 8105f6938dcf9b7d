import { describe, expect, it } from 'vitest';
import { outcomeOf, parametersOf, WRITTEN } from '../test-support/parameters.js';
import { CONTENT_KEY, EK, KEK, KID, playReadyRequest, randomKey, toHex } from '../test-support/requests.js';
import type { OutputProtectionLevels, PlayReadyTokenRequest } from './playready.js';

const rental = (periodEndTime: Date, playDurationSeconds?: number): Partial<PlayReadyTokenRequest> => ({
  rights: { type: 'rental', periodEndTime, ...(playDurationSeconds === undefined ? {} : { playDurationSeconds }) },
});
const opl = (change: Partial<OutputProtectionLevels>): Partial<PlayReadyTokenRequest> => ({
  opl: { ...playReadyRequest().opl, ...change },
});
const END = new Date('2026-12-01T10:00:00Z');
const OPL = [
  ['analogVideoOPL', '150'],
  ['compressedDigitalAudioOPL', '201'],
  ['compressedDigitalVideoOPL', '500'],
  ['uncompressedDigitalAudioOPL', '202'],
  ['uncompressedDigitalVideoOPL', '300'],
];

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

    ['a clear key', { key: { kind: 'clear', contentKey: randomKey(16) } }, 'valid'],
    ['a clear key of 15 bytes', { key: { kind: 'clear', contentKey: randomKey(15) } }, 'contentKey -2027'],
    ['a clear key of 32 bytes', { key: { kind: 'clear', contentKey: randomKey(32) } }, 'contentKey -2027'],
    ['key storage', { key: { kind: 'key-storage', kek: randomKey(24) } }, 'valid'],
    ['key storage with a KEK of 8 bytes', { key: { kind: 'key-storage', kek: randomKey(8) } }, 'kek -4024'],
    ['a KEK of 32 bytes', { key: { kind: 'wrapped', kek: randomKey(32), ek: EK } }, 'valid'],
    ['a KEK of 17 bytes', { key: { kind: 'wrapped', kek: randomKey(17), ek: EK } }, 'kek -4024'],
    ['a wrapped key of 16 bytes', { key: { kind: 'wrapped', kek: KEK, ek: randomKey(16) } }, 'ek -4024'],
    ['a wrapped key of 32 bytes', { key: { kind: 'wrapped', kek: KEK, ek: randomKey(32) } }, 'ek -4024'],

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
    expect(outcomeOf(playReadyRequest(change))).toBe(expected);
  });
});

describe('the parameters of a PlayReady request', () => {
  it('of a purchase, in the order of the table', () => {
    expect(parametersOf(playReadyRequest())).toEqual([
      ...WRITTEN.token,
      ['rightsType', 'BuyToOwn'],
      WRITTEN.kid,
      ...WRITTEN.wrapped,
      ...OPL,
      WRITTEN.expiry,
    ]);
  });

  it('of everything that may be given', () => {
    const request = playReadyRequest({
      rights: { type: 'rental', periodEndTime: new Date('2026-12-01T10:00:00.999Z'), playDurationSeconds: 172800 },
      kid: '^Sintel HD',
      key: { kind: 'key-storage', kek: KEK },
      unknownOutputBehavior: 'SDOnly',
      outputControlFlags: '0000000A',
      extension: { type: 'wudo', payload: 'AAAAAA==' },
      cookie: 'c0ffee',
    });
    expect(parametersOf(request)).toEqual([
      ...WRITTEN.token,
      ['rightsType', 'Rental'],
      ['rental.periodEndTime', '2026-12-01T10:00:00Z'],
      ['rental.playDuration', '172800'],
      ['generalFlags', '00000001'],
      ['kid', '^Sintel HD'],
      ['kek', toHex(KEK)],
      ...OPL,
      ['unknownOutputBehavior', 'SDOnly'],
      ['outputControlFlags', '0000000a'],
      ['extensionType', 'wudo'],
      ['extensionPayload', 'AAAAAA=='],
      WRITTEN.expiry,
      ['cookie', 'c0ffee'],
    ]);
  });

  const NAMES_OF_RIGHTS = ['rightsType', 'rental.periodEndTime', 'rental.playDuration', 'generalFlags'];
  it.each<[string, PlayReadyTokenRequest['rights'], (string | undefined)[]]>([
    ['a purchase', { type: 'buy-to-own', persistent: false }, ['BuyToOwn', undefined, undefined, undefined]],
    ['an offline purchase', { type: 'buy-to-own', persistent: true }, ['BuyToOwn', undefined, undefined, '00000001']],
    [
      'a rental without play duration',
      { type: 'rental', periodEndTime: new Date('2026-12-01T10:00:01.001Z') },
      ['Rental', '2026-12-01T10:00:01Z', undefined, '00000001'],
    ],
    [
      'a rental at the whole second',
      { type: 'rental', periodEndTime: new Date('2026-12-31T23:59:59.000Z'), playDurationSeconds: 1 },
      ['Rental', '2026-12-31T23:59:59Z', '1', '00000001'],
    ],
  ])('state the rights of %s', (_, rights, expected) => {
    const sent = new Map(parametersOf(playReadyRequest({ rights })).map(([name, value]) => [name, value]));
    expect(NAMES_OF_RIGHTS.map((name) => sent.get(name))).toEqual(expected);
  });

  it('state a clear content key alone', () => {
    const sent = parametersOf(playReadyRequest({ key: { kind: 'clear', contentKey: CONTENT_KEY } }));
    expect(sent).toContainEqual(['contentKey', toHex(CONTENT_KEY)]);
    expect(sent.map(([name]) => name)).not.toContain('kek');
    expect(sent.map(([name]) => name)).not.toContain('ek');
  });

  it('state the bytes of a key that is a view of a larger buffer', () => {
    const buffer = new Uint8Array([9, 9, ...KEK, 9, 9]);
    const kek = buffer.subarray(2, 18);
    expect(parametersOf(playReadyRequest({ key: { kind: 'key-storage', kek } }))).toContainEqual(['kek', toHex(KEK)]);
  });
});
