import { describe, expect, it } from 'vitest';
import { outcomeOf, parametersOf, WRITTEN } from '../test-support/parameters.js';
import { CONTENT_KEY, fairPlayRequest, KEK, KID, randomKey, toHex } from '../test-support/requests.js';
import type { FairPlayTokenRequest } from './fairplay.js';

describe('a FairPlay request', () => {
  it.each<[string, Partial<FairPlayTokenRequest>, string]>([
    ['a purchase', {}, 'valid'],
    ['an IV of 31 digits', { iv: KID.slice(1) }, 'iv -6003'],
    ['an IV that is not hex', { iv: `g${KID.slice(1)}` }, 'iv -6003'],
    ['no IV', { iv: '' }, 'iv -6003'],
    ['key storage and no KID', { key: { kind: 'key-storage', kek: KEK } }, 'kid -6005'],
    ['key storage and a KID', { key: { kind: 'key-storage', kek: KEK }, kid: KID }, 'valid'],
    ['key storage and a bad KID', { key: { kind: 'key-storage', kek: KEK }, kid: '^' }, 'kid -4022'],
    ['a clear key of 15 bytes', { key: { kind: 'clear', contentKey: randomKey(15) } }, 'contentKey -2027'],
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
    expect(outcomeOf(fairPlayRequest(change))).toBe(expected);
  });
});

describe('the parameters of a FairPlay request', () => {
  it.each<[string, Partial<FairPlayTokenRequest>, (readonly string[])[]]>([
    ['a purchase', {}, [WRITTEN.iv, ...WRITTEN.wrapped, WRITTEN.expiry]],
    ['a purchase whose KID is known, but not needed', { kid: KID }, [WRITTEN.iv, ...WRITTEN.wrapped, WRITTEN.expiry]],
    [
      'a key from key storage',
      { kid: KID, key: { kind: 'key-storage', kek: KEK } },
      [WRITTEN.iv, ['kek', toHex(KEK)], WRITTEN.kid, WRITTEN.expiry],
    ],
    [
      'a clear key',
      { key: { kind: 'clear', contentKey: CONTENT_KEY } },
      [WRITTEN.iv, ['contentKey', toHex(CONTENT_KEY)], WRITTEN.expiry],
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
        WRITTEN.iv,
        ...WRITTEN.wrapped,
        ['rentalDuration', '3600'],
        ['fpExtension', 'wudo,AAAAAA=='],
        ['fpExtension', 'abcd,AQID'],
        WRITTEN.expiry,
        ['cookie', 'c0ffee'],
      ],
    ],
  ])('of %s', (_, change, expected) => {
    expect(parametersOf(fairPlayRequest(change))).toEqual([...WRITTEN.token, ...expected]);
  });
});
