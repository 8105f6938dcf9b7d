import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../testing/ask.js';
import {
  type Asked,
  FAIRPLAY_REQUEST,
  GOOD,
  HEX_32_BUT_ONE,
  NO_KEY,
  NOW,
  OTHER,
  parametersFrom,
  randomHex,
} from '../testing/valid-requests.js';
import { FAIRPLAY } from './fairplay.js';

const KID = randomHex(16);

const read = (changes: Asked) => FAIRPLAY.check(parametersFrom({ ...FAIRPLAY_REQUEST, ...changes }), NOW);

describe('FairPlay: a request with', () => {
  const cases: [string, Asked, 'accepted' | number][] = [
    ['the required parameters', {}, 'accepted'],
    ['the published sample’s rightsType and OPL', { rightsType: 'BuyToOwn', analogVideoOPL: '100' }, 'accepted'],
    ['an empty rightsType', { rightsType: '' }, -2020],
    ['rental.periodEndTime and no rightsType', { 'rental.periodEndTime': '+60' }, -2020],
    ['an unknown rightsType', { rightsType: 'Lease' }, -2021],
    ['a Rental without rental.periodEndTime', { rightsType: 'Rental' }, -2022],
    ['a Rental with rental.periodEndTime', { rightsType: 'Rental', 'rental.periodEndTime': '+60' }, 'accepted'],
    ['a BuyToOwn with rental.periodEndTime', { rightsType: 'BuyToOwn', 'rental.periodEndTime': '+60' }, -2022],
    ['a BuyToOwn with rental.playDuration', { rightsType: 'BuyToOwn', 'rental.playDuration': '60' }, -2025],
    [
      'a rental.playDuration that is no number',
      { rightsType: 'Rental', 'rental.periodEndTime': '+60', 'rental.playDuration': 'x' },
      -2025,
    ],
    ['rentalDuration', { rentalDuration: '172800' }, 'accepted'],
    ['a rentalDuration of 0', { rentalDuration: '0' }, 'accepted'],
    ['a negative rentalDuration', { rentalDuration: '-1' }, -6007],
    ['a rentalDuration that is no whole number', { rentalDuration: '1.5' }, -6007],
    ['generalFlags 0000', { generalFlags: '0000' }, 'accepted'],
    ['PlayReady’s generalFlags', { generalFlags: '00000001' }, -5003],
    ['an empty kid', { kid: '' }, -4018],
    ['a kid of 31 digits', { kid: KID.slice(1) }, -4020],
    ['a kid of 65 characters after ^', { kid: `^${'x'.repeat(65)}` }, -4021],
    ['a kid that is not hex', { kid: HEX_32_BUT_ONE }, -4022],
    ['contentKey and kid', { kid: KID }, 'accepted'],
    ['no key at all', NO_KEY, -6005],
    ['a kid alone', { ...NO_KEY, kid: KID }, -6005],
    ['ek without kek', { ...NO_KEY, ek: GOOD.ek }, -6005],
    ['kek and contentKey', { kek: GOOD.kek, kid: KID }, -6005],
    ['kek with neither ek nor kid', { ...NO_KEY, kek: GOOD.kek }, -6005],
    ['kek with both ek and kid', { ...NO_KEY, ...GOOD, kid: KID }, -6005],
    ['kek and ek', { ...NO_KEY, ...GOOD }, 'accepted'],
    ['kek and kid', { ...NO_KEY, kek: GOOD.kek, kid: KID }, 'accepted'],
    ['a contentKey of 34 digits', { contentKey: randomHex(17) }, -2027],
    ['a contentKey that is not hex', { contentKey: HEX_32_BUT_ONE }, -2005],
    ['an ek wrapped under another kek', { ...NO_KEY, kek: GOOD.kek, ek: OTHER.ek }, -4024],
    ['a kek of 8 bytes', { ...NO_KEY, ...GOOD, kek: randomHex(8) }, -4024],
    ['no iv', { iv: undefined }, -6003],
    ['an iv of 15 bytes', { iv: randomHex(15) }, -6003],
    ['an iv that is not hex', { iv: HEX_32_BUT_ONE }, -6003],
    ['an OPL of 1000', { uncompressedDigitalVideoOPL: '1000' }, -2034],
    ['outputControlFlags of 3 bytes', { outputControlFlags: '00000f' }, -2040],
    ['outputControlFlags that are not hex', { outputControlFlags: '0000000x' }, -2008],
    ['one fpExtension', { fpExtension: 'wudo,AAAAAA==' }, 'accepted'],
    ['several fpExtension', { fpExtension: ['wudo,AAAAAA==', 'abcd,AQ=='] }, 'accepted'],
    ['an fpExtension without a comma', { fpExtension: 'wudo' }, -6001],
    ['an fpExtension without a payload', { fpExtension: 'wudo,' }, -2035],
    ['an fpExtension of a 5 letter type', { fpExtension: 'wudos,AAAAAA==' }, -2036],
    ['an fpExtension that is not base64', { fpExtension: 'wudo,?' }, -2037],
    ['a second fpExtension that is bad', { fpExtension: ['wudo,AAAAAA==', 'abcd'] }, -6001],
    ['an expirationTime in 31 days', { expirationTime: '+2678400' }, -2002],
    ['a cookie of 33 characters', { cookie: 'c'.repeat(33) }, -2033],
    ['a deviceId', { deviceId: randomHex(16) }, -6008],
    ['what is checked for PlayReady alone', { unknownOutputBehavior: 'HDOnly', extensionType: 'x' }, 'accepted'],
  ];

  it.each(cases)('%s', (_what, changes, expected) => {
    expect(outcomeOf(() => read(changes))).toBe(expected);
  });
});

describe('FairPlay: what is read', () => {
  it('is a purchase without rentalDuration, and with 0', () => {
    for (const changes of [{}, { rentalDuration: '0' }]) {
      expect(read(changes).terms).toMatchObject({ rightsType: 'BuyToOwn', rentalDurationSeconds: null });
    }
  });

  it('is a rental with a rentalDuration', () => {
    expect(read({ rentalDuration: '3600' }).terms).toMatchObject({ rightsType: 'Rental', rentalDurationSeconds: 3600 });
  });

  it('keeps the extensions in their order', () => {
    expect(read({ fpExtension: ['wudo,AAAAAA==', 'abcd,AQ=='] }).terms.extensions).toEqual([
      { type: 'wudo', payload: 'AAAAAA==' },
      { type: 'abcd', payload: 'AQ==' },
    ]);
  });
});
