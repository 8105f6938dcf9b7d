import { describe, expect, it } from 'vitest';
import { outcomeOf, parametersOf, WRITTEN } from '../test-support/parameters.js';
import { CONTENT_KEY, EK, KEK, KID, randomKey, toHex, widevineRequest } from '../test-support/requests.js';
import type { WidevineTokenRequest } from './widevine.js';

describe('a Widevine request', () => {
  const without = (name: keyof WidevineTokenRequest): Partial<WidevineTokenRequest> => ({ [name]: undefined });
  it.each<[string, Partial<WidevineTokenRequest>, string]>([
    ['a purchase', {}, 'valid'],
    ['a licence duration of 1 second', { licenseDurationSeconds: 1 }, 'valid'],
    ['a licence duration of 0, which would have no end', { licenseDurationSeconds: 0 }, 'licenseDuration -7007'],
    ['a licence duration with a fraction', { licenseDurationSeconds: 1.5 }, 'licenseDuration -7007'],
    ['a licence duration beyond 32 bits', { licenseDurationSeconds: 2 ** 32 }, 'licenseDuration -7007'],
    ['a playback duration of 1 second', { playbackDurationSeconds: 1 }, 'valid'],
    ['a playback duration of 0', { playbackDurationSeconds: 0 }, 'playbackDuration -7007'],
    ['a playback duration beyond 32 bits', { playbackDurationSeconds: 2 ** 32 }, 'playbackDuration -7007'],
    ['no KID', { kid: '' }, 'kid -4018'],
    ['a KID of 31 digits', { kid: KID.slice(1) }, 'kid -4020'],
    ['a KID as text', { kid: '^sintel' }, 'valid'],
    ['a clear key of 15 bytes', { key: { kind: 'clear', contentKey: randomKey(15) } }, 'contentKey -2027'],
    ['a KEK of 17 bytes', { key: { kind: 'wrapped', kek: randomKey(17), ek: EK } }, 'kek -4024'],
    ['no security level', without('securityLevel'), 'securityLevel -7003'],
    ['a security level of 0', { securityLevel: 0 }, 'securityLevel -7004'],
    ['a security level of 5', { securityLevel: 5 }, 'valid'],
    ['a security level of 6', { securityLevel: 6 }, 'securityLevel -7004'],
    ['a security level with a fraction', { securityLevel: 1.5 }, 'securityLevel -7004'],
    ['no HDCP output control', without('hdcpOutputControl'), 'hdcpOutputControl -7006'],
    ['an HDCP output control of -1', { hdcpOutputControl: -1 }, 'hdcpOutputControl -2034'],
    ['an HDCP output control of 5', { hdcpOutputControl: 5 }, 'valid'],
    ['a content id of 36 characters', { contentId: 'c'.repeat(36) }, 'valid'],
    ['a content id of 37 characters', { contentId: 'c'.repeat(37) }, 'contentId -6005'],
    ['an HDCP output control of 6', { hdcpOutputControl: 6 }, 'hdcpOutputControl -2034'],
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
    expect(outcomeOf(widevineRequest(change))).toBe(expected);
  });
});

describe('the parameters of a Widevine request', () => {
  const LEVELS = [
    ['securityLevel', '1'],
    ['hdcpOutputControl', '0'],
  ];
  it.each<[string, Partial<WidevineTokenRequest>, (readonly string[])[]]>([
    ['a purchase', {}, [WRITTEN.kid, ...WRITTEN.wrapped, ...LEVELS, WRITTEN.expiry]],
    [
      'a key from key storage',
      { key: { kind: 'key-storage', kek: KEK } },
      [WRITTEN.kid, ['kek', toHex(KEK)], ...LEVELS, WRITTEN.expiry],
    ],
    [
      'everything that may be given',
      {
        kid: '^Sintel HD',
        key: { kind: 'clear', contentKey: CONTENT_KEY },
        securityLevel: 5,
        hdcpOutputControl: 2,
        licenseDurationSeconds: 172800,
        playbackDurationSeconds: 7200,
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
        ['playbackDuration', '7200'],
        ['contentId', 'sintel/é'],
        ['wvExtension', 'wudo,AAAAAA=='],
        ['wvExtension', 'abcd,AQID'],
        WRITTEN.expiry,
        ['cookie', 'c0ffee'],
      ],
    ],
  ])('of %s', (_, change, expected) => {
    expect(parametersOf(widevineRequest(change))).toEqual([...WRITTEN.token, ...expected]);
  });
});
