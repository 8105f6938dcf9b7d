import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../testing/ask.js';
import {
  type Asked,
  GOOD,
  HEX_32_BUT_ONE,
  NO_KEY,
  NOW,
  OTHER,
  parametersFrom,
  PLAYREADY_PURCHASE,
  PLAYREADY_RENTAL,
  randomHex,
} from '../testing/valid-requests.js';
import { PLAYREADY } from './playready.js';

const check = (asked: Asked) => outcomeOf(() => PLAYREADY.check(parametersFrom(asked), NOW));

describe('PlayReady: a purchase with', () => {
  const cases: [string, Asked, 'accepted' | number][] = [
    ['the required parameters', {}, 'accepted'],
    ['no rightsType', { rightsType: undefined }, -2020],
    ['an empty rightsType', { rightsType: '' }, -2020],
    ['an unknown rightsType', { rightsType: 'Lease' }, -2021],
    ['a rightsType in another case', { rightsType: 'buytoown' }, -2021],
    ['a name in another case', { rightsType: undefined, RightsType: 'BuyToOwn' }, -2020],
    ['rental.periodEndTime', { 'rental.periodEndTime': '+60' }, -2022],
    ['rental.playDuration', { 'rental.playDuration': '60' }, -2025],
    ['flags of 4 bytes', { generalFlags: '00000001' }, 'accepted'],
    ['flags of 2 bytes', { generalFlags: '0000' }, -5003],
    ['flags that are not hex', { generalFlags: '0000000x' }, -5003],
    ['no kid', { kid: undefined }, -4018],
    ['a kid of 31 digits', { kid: randomHex(16).slice(1) }, -4020],
    ['a kid of 33 digits', { kid: `${randomHex(16)}0` }, -4020],
    ['a kid that is not hex', { kid: HEX_32_BUT_ONE }, -4022],
    ['a bare ^ as kid', { kid: '^' }, -4022],
    ['a kid of 64 characters after ^', { kid: `^${'x'.repeat(64)}` }, 'accepted'],
    ['a kid of 65 characters after ^', { kid: `^${'x'.repeat(65)}` }, -4021],
    ['kek and contentKey', { ...GOOD }, -5007],
    ['no key at all', NO_KEY, -2005],
    ['ek without kek', { ...NO_KEY, ek: GOOD.ek }, -2005],
    ['a contentKey of 30 digits', { contentKey: randomHex(15) }, -2027],
    ['a contentKey that is not hex', { contentKey: HEX_32_BUT_ONE }, -2005],
    ['kek and ek', { ...NO_KEY, ...GOOD }, 'accepted'],
    ['a kek that is not hex', { ...NO_KEY, ...GOOD, kek: HEX_32_BUT_ONE }, -4024],
    ['a kek of 15 bytes', { ...NO_KEY, ...GOOD, kek: randomHex(15) }, -4024],
    ['an ek of 16 bytes', { ...NO_KEY, ...GOOD, ek: randomHex(16) }, -4024],
    ['an ek that is not hex', { ...NO_KEY, ...GOOD, ek: `${GOOD.ek.slice(1)}x` }, -4024],
    ['an ek wrapped under another kek', { ...NO_KEY, kek: GOOD.kek, ek: OTHER.ek }, -4024],
    ['kek and kid', { ...NO_KEY, kek: GOOD.kek }, 'accepted'],
    ['an OPL of 999', { analogVideoOPL: '999' }, 'accepted'],
    ['an OPL of 0', { analogVideoOPL: '0' }, 'accepted'],
    ['an OPL of 1000', { compressedDigitalAudioOPL: '1000' }, -2034],
    ['a negative OPL', { compressedDigitalVideoOPL: '-1' }, -2034],
    ['an OPL that is no whole number', { uncompressedDigitalAudioOPL: '1.5' }, -2034],
    ['an empty OPL', { uncompressedDigitalVideoOPL: '' }, -2034],
    ['unknownOutputBehavior Allow', { unknownOutputBehavior: 'Allow' }, 'accepted'],
    ['unknownOutputBehavior Disallow', { unknownOutputBehavior: 'Disallow' }, 'accepted'],
    ['unknownOutputBehavior SDOnly', { unknownOutputBehavior: 'SDOnly' }, 'accepted'],
    ['another unknownOutputBehavior', { unknownOutputBehavior: 'HDOnly' }, -5001],
    ['outputControlFlags of 4 bytes', { outputControlFlags: '0000000f' }, 'accepted'],
    ['outputControlFlags of 3 bytes', { outputControlFlags: '00000f' }, -2040],
    ['outputControlFlags that are not hex', { outputControlFlags: '0000000x' }, -2008],
    ['an extension', { extensionType: 'wudo', extensionPayload: 'AAAAAA==' }, 'accepted'],
    ['an extensionType of 3 characters', { extensionType: 'wud', extensionPayload: 'AAAAAA==' }, -2036],
    ['an extensionType alone', { extensionType: 'wudo' }, -2035],
    ['an extensionPayload alone', { extensionPayload: 'AAAAAA==' }, -2035],
    ['an extensionPayload that is not base64', { extensionType: 'wudo', extensionPayload: 'AAAAA==' }, -2037],
    ['an expirationTime in a minute', { expirationTime: '+60' }, 'accepted'],
    ['an expirationTime in 30 days', { expirationTime: '+2592000' }, 'accepted'],
    ['an expirationTime in 30 days and a second', { expirationTime: '+2592001' }, -2002],
    ['an expirationTime in RFC 3339', { expirationTime: '2026-11-21T10:00:01Z' }, 'accepted'],
    ['an expirationTime that is now', { expirationTime: '2026-11-21T10:00:00Z' }, -2002],
    ['an expirationTime in the past', { expirationTime: '2026-11-21T09:59:59Z' }, -2002],
    ['an expirationTime with an offset', { expirationTime: '2026-11-21T12:00:00+01:00' }, -2002],
    ['an expirationTime on 31 November', { expirationTime: '2026-11-31T10:00:00Z' }, -2002],
    ['an expirationTime whose + became a space', { expirationTime: ' 60' }, -2002],
    ['a cookie of 32 characters', { cookie: 'c'.repeat(32) }, 'accepted'],
    ['a cookie of 32 characters beyond the basic plane', { cookie: '🎬'.repeat(32) }, 'accepted'],
    ['a cookie of 33 characters', { cookie: 'c'.repeat(33) }, -2033],
    ['a cookie that is not UTF-8', { cookie: 'c\uFFFD' }, -2033],
    ['a deviceId', { deviceId: randomHex(16) }, 'accepted'],
    ['a deviceId of 31 digits', { deviceId: randomHex(16).slice(1) }, -5004],
    ['a deviceId that is not hex', { deviceId: HEX_32_BUT_ONE }, -5005],
    ['algId aescbc', { algId: 'aescbc' }, 'accepted'],
    ['another algId', { algId: 'aes' }, -2005],
    ['a minCertSecurityLevel', { minCertSecurityLevel: '3000' }, 'accepted'],
    ['another minCertSecurityLevel', { minCertSecurityLevel: '151' }, -2034],
    ['an undocumented parameter', { useHttps: 'true' }, 'accepted'],
  ];

  it.each(cases)('%s', (_what, changes, expected) => {
    expect(check({ ...PLAYREADY_PURCHASE, ...changes })).toBe(expected);
  });

  const levels = Object.keys(PLAYREADY_PURCHASE).filter((name) => name.endsWith('OPL'));
  it.each(levels)('no %s', (name) => {
    expect(levels).toHaveLength(5);
    expect(check({ ...PLAYREADY_PURCHASE, [name]: undefined })).toBe(-5006);
  });
});

describe('PlayReady: a rental with', () => {
  const cases: [string, Asked, 'accepted' | number][] = [
    ['the required parameters', {}, 'accepted'],
    ['no rental.periodEndTime', { 'rental.periodEndTime': undefined }, -2022],
    ['a rental.periodEndTime in RFC 3339', { 'rental.periodEndTime': '2026-11-22T10:00:00Z' }, 'accepted'],
    ['a rental.periodEndTime in the past', { 'rental.periodEndTime': '2026-11-20T10:00:00Z' }, -2022],
    ['a rental.periodEndTime that does not parse', { 'rental.periodEndTime': 'tomorrow' }, -2022],
    ['rental.playDuration', { 'rental.playDuration': '172800' }, 'accepted'],
    ['no seconds to play', { 'rental.playDuration': '0' }, -2025],
    ['a negative rental.playDuration', { 'rental.playDuration': '-1' }, -2025],
    ['a rental.playDuration that is no number', { 'rental.playDuration': '2 days' }, -2025],
    ['a rental.playDuration beyond all measure', { 'rental.playDuration': '9'.repeat(400) }, -2025],
    ['no generalFlags', { generalFlags: undefined }, -5003],
    ['flags without the lowest bit', { generalFlags: '00000002' }, -5003],
    ['flags with the lowest bit', { generalFlags: 'ffffffff' }, 'accepted'],
  ];

  it.each(cases)('%s', (_what, changes, expected) => {
    expect(check({ ...PLAYREADY_RENTAL, ...changes })).toBe(expected);
  });
});

describe('PlayReady: what is read', () => {
  it('counts + from the token’s issue, for the rental and for the token', () => {
    const { terms, expiresAt } = PLAYREADY.check(
      parametersFrom({ ...PLAYREADY_RENTAL, 'rental.playDuration': '7200', expirationTime: '+60' }),
      NOW,
    );
    expect(terms).toMatchObject({
      rightsType: 'Rental',
      persistent: true,
      rentalEndsAt: '2026-11-21T11:00:00.000Z',
      playDurationSeconds: 7200,
    });
    expect(expiresAt).toEqual(new Date('2026-11-21T10:01:00Z'));
  });

  it('lets a token live for 30 days unless it is told otherwise', () => {
    const { expiresAt, terms } = PLAYREADY.check(parametersFrom(PLAYREADY_PURCHASE), NOW);
    expect(expiresAt).toEqual(new Date('2026-12-21T10:00:00Z'));
    expect(terms).toMatchObject({ rightsType: 'BuyToOwn', persistent: false, rentalEndsAt: null });
  });

  it('keeps each output protection level with what it protects', () => {
    const { terms } = PLAYREADY.check(parametersFrom(PLAYREADY_PURCHASE), NOW);
    expect(terms.outputProtection).toEqual({
      analogVideo: 100,
      compressedDigitalAudio: 200,
      compressedDigitalVideo: 300,
      uncompressedDigitalAudio: 400,
      uncompressedDigitalVideo: 500,
      unknownOutputBehavior: null,
      outputControlFlags: null,
      hdcp: null,
    });
  });
});
