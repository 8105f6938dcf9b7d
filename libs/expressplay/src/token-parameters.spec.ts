import { describe, expect, it } from 'vitest';
import {
  AUTHENTICATOR,
  CONTENT_KEY,
  EK,
  fairPlayRequest,
  IV,
  KEK,
  KID,
  playReadyRequest,
  toHex,
  widevineRequest,
} from '../test-support/requests.js';
import { tokenParameters } from './token-parameters.js';
import type {
  FairPlayTokenRequest,
  PlayReadyTokenRequest,
  TokenRequest,
  WidevineTokenRequest,
} from './token-request.js';

const TOKEN = [
  ['customerAuthenticator', AUTHENTICATOR],
  ['errorFormat', 'json'],
];
const OPL = [
  ['analogVideoOPL', '150'],
  ['compressedDigitalAudioOPL', '201'],
  ['compressedDigitalVideoOPL', '500'],
  ['uncompressedDigitalAudioOPL', '202'],
  ['uncompressedDigitalVideoOPL', '300'],
];
const WRAPPED = [
  ['kek', toHex(KEK)],
  ['ek', toHex(EK)],
];
const LOWER_KID = ['kid', KID.toLowerCase()];
const LOWER_IV = ['iv', IV.toLowerCase()];
const EXPIRY = ['expirationTime', '2026-12-01T09:01:00Z'];

const parametersOf = (request: TokenRequest): (readonly string[])[] =>
  tokenParameters(request, { customerAuthenticator: AUTHENTICATOR, useHttps: false }).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : toHex(value),
  ]);

describe('the parameters of a PlayReady request', () => {
  it('of a purchase, in the order of the table', () => {
    expect(parametersOf(playReadyRequest())).toEqual([
      ...TOKEN,
      ['rightsType', 'BuyToOwn'],
      LOWER_KID,
      ...WRAPPED,
      ...OPL,
      EXPIRY,
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
      ...TOKEN,
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
      EXPIRY,
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

describe('the parameters of a FairPlay request', () => {
  it.each<[string, Partial<FairPlayTokenRequest>, (readonly string[])[]]>([
    ['a purchase', {}, [LOWER_IV, ...WRAPPED, EXPIRY]],
    ['a purchase whose KID is known, but not needed', { kid: KID }, [LOWER_IV, ...WRAPPED, EXPIRY]],
    [
      'a key from key storage',
      { kid: KID, key: { kind: 'key-storage', kek: KEK } },
      [LOWER_IV, ['kek', toHex(KEK)], LOWER_KID, EXPIRY],
    ],
    [
      'a clear key',
      { key: { kind: 'clear', contentKey: CONTENT_KEY } },
      [LOWER_IV, ['contentKey', toHex(CONTENT_KEY)], EXPIRY],
    ],
    [
      'a rental with extensions and cookie',
      {
        rentalDurationSeconds: 3600,
        extensions: [
          { type: 'wudo', payload: 'AAAAAA==' },
          { type: 'abcd', payload: 'AQID' },
        ],
        cookie: 'c0ffee',
      },
      [
        LOWER_IV,
        ...WRAPPED,
        ['rentalDuration', '3600'],
        ['fpExtension', 'wudo,AAAAAA=='],
        ['fpExtension', 'abcd,AQID'],
        EXPIRY,
        ['cookie', 'c0ffee'],
      ],
    ],
  ])('of %s', (_, change, expected) => {
    expect(parametersOf(fairPlayRequest(change))).toEqual([...TOKEN, ...expected]);
  });
});

describe('the parameters of a Widevine request', () => {
  const LEVELS = [
    ['securityLevel', '1'],
    ['hdcpOutputControl', '0'],
  ];
  it.each<[string, Partial<WidevineTokenRequest>, (readonly string[])[]]>([
    ['a purchase', {}, [LOWER_KID, ...WRAPPED, ...LEVELS, EXPIRY]],
    [
      'a key from key storage',
      { key: { kind: 'key-storage', kek: KEK } },
      [LOWER_KID, ['kek', toHex(KEK)], ...LEVELS, EXPIRY],
    ],
    [
      'everything that may be given',
      {
        kid: '^Sintel HD',
        key: { kind: 'clear', contentKey: CONTENT_KEY },
        securityLevel: 5,
        hdcpOutputControl: 2,
        licenseDurationSeconds: 172800,
        contentId: 'sintel/é',
        extensions: [
          { type: 'wudo', payload: 'AAAAAA==' },
          { type: 'abcd', payload: 'AQID' },
        ],
        cookie: 'c0ffee',
      },
      [
        ['kid', '^Sintel HD'],
        ['contentKey', toHex(CONTENT_KEY)],
        ['securityLevel', '5'],
        ['hdcpOutputControl', '2'],
        ['licenseDuration', '172800'],
        ['contentId', 'sintel/é'],
        ['wvExtension', 'wudo,AAAAAA=='],
        ['wvExtension', 'abcd,AQID'],
        EXPIRY,
        ['cookie', 'c0ffee'],
      ],
    ],
  ])('of %s', (_, change, expected) => {
    expect(parametersOf(widevineRequest(change))).toEqual([...TOKEN, ...expected]);
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
    expect(parametersOf(request).slice(-4)).toEqual([EXPIRY, ['cookie', 'c0ffee'], ...ADDED]);
  });

  it('have useHttps among them when it is switched on', () => {
    const request = widevineRequest({ additionalParameters });
    const on = tokenParameters(request, { customerAuthenticator: AUTHENTICATOR, useHttps: true });
    expect(on.slice(-4)).toEqual([EXPIRY, ['useHttps', 'true'], ...ADDED]);
    expect(parametersOf(request).map(([name]) => name)).not.toContain('useHttps');
  });
});
