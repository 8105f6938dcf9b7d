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
  randomHex,
  WIDEVINE_REQUEST,
} from '../testing/valid-requests.js';
import { WIDEVINE } from './widevine.js';

const RENTAL = { rightsType: 'Rental', 'rental.periodEndTime': '+60' };

const read = (changes: Asked) => WIDEVINE.check(parametersFrom({ ...WIDEVINE_REQUEST, ...changes }), NOW);

describe('Widevine: a request with', () => {
  const cases: [string, Asked, 'accepted' | number][] = [
    ['the required parameters', {}, 'accepted'],
    ['any rightsType', { rightsType: 'Lease' }, 'accepted'],
    ['a Rental without rental.periodEndTime', { rightsType: 'Rental' }, -2022],
    ['a Rental with rental.periodEndTime', RENTAL, 'accepted'],
    ['rental.periodEndTime in the past', { ...RENTAL, 'rental.periodEndTime': '2026-11-21T09:00:00Z' }, -2022],
    ['rental.periodEndTime without Rental', { 'rental.periodEndTime': '+60' }, -2022],
    ['rental.playDuration without Rental', { 'rental.playDuration': '60' }, -2025],
    ['a rental.playDuration that is no number', { ...RENTAL, 'rental.playDuration': 'x' }, -2025],
    ['a rentalDuration', { rentalDuration: '60' }, 'accepted'],
    ['a rentalDuration that is no whole number', { rentalDuration: '1.5' }, -6007],
    ['a licenseDuration', { licenseDuration: '172800' }, 'accepted'],
    ['a licenseDuration of 0', { licenseDuration: '0' }, -7007],
    ['a playbackDuration', { playbackDuration: '7200' }, 'accepted'],
    ['a playbackDuration of 0', { playbackDuration: '0' }, -7007],
    ['an empty licenseDuration', { licenseDuration: '' }, -7007],
    ['a licenseDuration that is no whole number', { licenseDuration: '1.5' }, -7007],
    ['generalFlags 0000', { generalFlags: '0000' }, 'accepted'],
    ['generalFlags 00000000', { generalFlags: '00000000' }, 'accepted'],
    ['generalFlags 00000001', { generalFlags: '00000001' }, 'accepted'],
    ['generalFlags 00000002', { generalFlags: '00000002' }, -5003],
    ['generalFlags 0001', { generalFlags: '0001' }, -5003],
    ['no kid', { kid: undefined }, -4018],
    ['a kid of 33 digits', { kid: `${randomHex(16)}0` }, -4020],
    ['a kid of 65 characters after ^', { kid: `^${'x'.repeat(65)}` }, -4021],
    ['a kid after ^ that is not UTF-8', { kid: '^\uFFFD' }, -4022],
    ['a kid that is not hex', { kid: HEX_32_BUT_ONE }, -4022],
    ['no key at all', NO_KEY, -6005],
    ['ek without kek', { ...NO_KEY, ek: GOOD.ek }, -6005],
    ['kek and contentKey', { kek: GOOD.kek }, -6005],
    ['kek, ek and the required kid', { ...NO_KEY, ...GOOD }, 'accepted'],
    ['kek and kid', { ...NO_KEY, kek: GOOD.kek }, 'accepted'],
    ['a contentKey of 31 digits', { contentKey: randomHex(16).slice(1) }, -2027],
    ['a contentKey that is not hex', { contentKey: HEX_32_BUT_ONE }, -2005],
    ['an ek wrapped under another kek', { ...NO_KEY, kek: GOOD.kek, ek: OTHER.ek }, -4024],
    ['a kek of 15 bytes', { ...NO_KEY, ...GOOD, kek: randomHex(15) }, -4024],
    ['no securityLevel', { securityLevel: undefined }, -7003],
    ['an empty securityLevel', { securityLevel: '' }, -7003],
    ['a securityLevel of 0', { securityLevel: '0' }, -7004],
    ['a securityLevel of 5', { securityLevel: '5' }, 'accepted'],
    ['a securityLevel of 6', { securityLevel: '6' }, -7004],
    ['a securityLevel by name', { securityLevel: 'HW_SECURE_ALL' }, -7004],
    ['no hdcpOutputControl', { hdcpOutputControl: undefined }, -7006],
    ['an empty hdcpOutputControl', { hdcpOutputControl: '' }, -7006],
    ['an hdcpOutputControl of 2', { hdcpOutputControl: '2' }, 'accepted'],
    ['an hdcpOutputControl of 5', { hdcpOutputControl: '5' }, 'accepted'],
    ['an hdcpOutputControl of 6', { hdcpOutputControl: '6' }, -2034],
    ['a contentId of 36 characters', { contentId: '🎬'.repeat(36) }, 'accepted'],
    ['a contentId of 37 characters', { contentId: 'c'.repeat(37) }, -6005],
    ['a trackType', { trackType: '4' }, 'accepted'],
    ['a trackType of 5', { trackType: '5' }, -6005],
    ['an hdcpOutputControl by name', { hdcpOutputControl: 'HDCP_V1' }, -2034],
    ['outputControlFlags of 3 bytes', { outputControlFlags: '00000f' }, -2040],
    ['outputControlFlags that are not hex', { outputControlFlags: '0000000x' }, -2008],
    ['several wvExtension', { wvExtension: ['wudo,AAAAAA==', 'abcd,AQ=='] }, 'accepted'],
    ['a second wvExtension without a comma', { wvExtension: ['wudo,AAAAAA==', 'abcd'] }, -7009],
    ['a wvExtension without a payload', { wvExtension: 'wudo,' }, -2035],
    ['a wvExtension of a 3 letter type', { wvExtension: 'wud,AAAAAA==' }, -2036],
    ['a wvExtension that is not base64', { wvExtension: 'wudo,?' }, -2037],
    ['an expirationTime in 31 days', { expirationTime: '+2678400' }, -2002],
    ['a cookie of 33 characters', { cookie: 'c'.repeat(33) }, -2033],
    ['a deviceId', { deviceId: randomHex(16) }, -7002],
    ['what others check', { iv: 'x', fpExtension: 'x', extensionType: 'x', analogVideoOPL: 'x' }, 'accepted'],
  ];

  it.each(cases)('%s', (_what, changes, expected) => {
    expect(outcomeOf(() => read(changes))).toBe(expected);
  });
});

describe('Widevine: what is read', () => {
  it('is a purchase without a limit unless it says otherwise', () => {
    expect(read({}).terms).toMatchObject({ rightsType: 'BuyToOwn', playDurationSeconds: null, contentId: null });
  });

  it('is a rental with a licenseDuration, in seconds of play', () => {
    const { terms } = read({ licenseDuration: '172800', contentId: 'sintel' });
    expect(terms).toMatchObject({ rightsType: 'Rental', playDurationSeconds: 172_800, contentId: 'sintel' });
  });

  it('reads licenseDuration as the time to start beside a playbackDuration, in no published table', () => {
    const durations = { licenseDuration: '86400', playbackDuration: '7200' };
    expect(read(durations).terms).toMatchObject({ playDurationSeconds: 7200, startWithinSeconds: 86_400 });
    const alone = { playbackDuration: '7200' };
    expect(read(alone).terms).toMatchObject({
      rightsType: 'Rental',
      playDurationSeconds: 7200,
      startWithinSeconds: null,
    });
  });

  const levels: [string, string][] = [
    ['1', 'SW_SECURE_CRYPTO'],
    ['2', 'SW_SECURE_DECODE'],
    ['3', 'HW_SECURE_CRYPTO'],
    ['4', 'HW_SECURE_DECODE'],
    ['5', 'HW_SECURE_ALL'],
  ];
  it.each(levels)('names security level %s %s', (level, name) => {
    expect(read({ securityLevel: level }).terms.securityLevel).toBe(name);
  });

  const versions: [string, string][] = [
    ['0', 'HDCP_NONE'],
    ['1', 'HDCP_V1'],
    ['2', 'HDCP_V2'],
  ];
  it.each(versions)('names HDCP output control %s %s', (version, name) => {
    expect(read({ hdcpOutputControl: version }).terms.outputProtection.hdcp).toBe(name);
  });

  it('keeps the extensions in their order', () => {
    expect(read({ wvExtension: ['wudo,AAAAAA==', 'abcd,AQ=='] }).terms.extensions).toEqual([
      { type: 'wudo', payload: 'AAAAAA==' },
      { type: 'abcd', payload: 'AQ==' },
    ]);
  });
});
