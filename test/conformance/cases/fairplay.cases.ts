// FairPlay's licence parameters: IV, rights, flags, output protection, extensions, device.
import { type Parameters, randomHex } from '../support/requests.js';
import { casesOf, type ConformanceCase, keyCases, type Row, tokenCases, valuesOf } from './case.js';

const END = 'rental.periodEndTime';
const PLAY = 'rental.playDuration';

/** What the published sample request carries beyond the parameter table. */
const SAMPLE: Parameters = {
  rightsType: 'BuyToOwn',
  analogVideoOPL: '0',
  compressedDigitalAudioOPL: '0',
  compressedDigitalVideoOPL: '0',
  uncompressedDigitalAudioOPL: '0',
  uncompressedDigitalVideoOPL: '0',
};

const IV: readonly Row[] = [
  ['an iv', {}, 'issued'],
  ['an iv in upper case', { iv: randomHex(16).toUpperCase() }, 'issued'],
  ['no iv', { iv: undefined }, -6003],
  ['an iv under a name of another case', { iv: undefined, IV: randomHex(16) }, -6003],
  ...valuesOf('iv', -6003, ['zz', '0'.repeat(31), '0'.repeat(33), 'g'.repeat(32)]),
];

const RIGHTS: readonly Row[] = [
  ['the published sample', SAMPLE, 'issued'],
  ['a rental', { rightsType: 'Rental', [END]: '+3600', [PLAY]: '7200' }, 'issued'],
  ['an empty rightsType', { rightsType: '' }, -2020],
  ...valuesOf('rightsType', -2021, ['Lease', 'buytoown']),
  ['a rental without its end', { rightsType: 'Rental' }, -2022],
  ...valuesOf(END, -2022, ['soon', '2026-11-21T09:59:59Z'], { rightsType: 'Rental' }),
  ['a purchase with the end of a rental', { rightsType: 'BuyToOwn', [END]: '+3600' }, -2022],
  ['a purchase with a play duration', { rightsType: 'BuyToOwn', [PLAY]: '7200' }, -2025],
  ...valuesOf(PLAY, -2025, ['long', '-1', '1.5'], { rightsType: 'Rental', [END]: '+3600' }),
  ...valuesOf('rentalDuration', 'issued', ['0', '1', '172800']),
  ...valuesOf('rentalDuration', -6007, ['long', '-1', '1.5', '+60', '1e3']),
];

const FLAGS_AND_OUTPUT: readonly Row[] = [
  ...valuesOf('generalFlags', 'issued', ['0000']),
  ...valuesOf('generalFlags', -5003, ['0001', '00000000', '00000001', '000', 'zzzz']),
  ...valuesOf('analogVideoOPL', -2034, ['1000', '-1', 'high'], SAMPLE),
  ...valuesOf('outputControlFlags', 'issued', ['0000000f']),
  ...valuesOf('outputControlFlags', -2040, ['0000000', '000000000']),
  ...valuesOf('outputControlFlags', -2008, ['zzzzzzzz']),
];

const EXTENSIONS: readonly Row[] = [
  ['an extension', { fpExtension: 'wudo,AAAAAA==' }, 'issued'],
  ['two extensions', { fpExtension: ['wudo,AAAAAA==', 'abcd,+/+/'] }, 'issued'],
  ['an extension twice', { fpExtension: ['wudo,AAAA', 'wudo,AAAA'] }, 'issued'],
  ['an extension without a comma', { fpExtension: 'wudo' }, -6001],
  ['a bad extension after a good one', { fpExtension: ['wudo,AAAA', 'wudo'] }, -6001],
  ['an extension without a payload', { fpExtension: 'wudo,' }, -2035],
  ...valuesOf('fpExtension', -2036, ['wud,AAAA', 'wudoo,AAAA']),
  ...valuesOf('fpExtension', -2037, ['wudo,****', 'wudo,AAAA=AAA', 'wudo,A']),
  ['an extension of another case', { FpExtension: 'wudo' }, 'issued'],
  ['an extension of Widevine', { wvExtension: 'wudo' }, 'issued'],
];

const DEVICE: readonly Row[] = [
  ['a device', { deviceId: randomHex(16) }, -6008],
  ['a malformed device', { deviceId: 'zz' }, -6008],
];

/** Every case of FairPlay's token service. */
export const FAIRPLAY_CASES: readonly ConformanceCase[] = [
  ...tokenCases('fairplay'),
  ...keyCases('fairplay'),
  ...casesOf('fairplay', [...IV, ...RIGHTS, ...FLAGS_AND_OUTPUT, ...EXTENSIONS, ...DEVICE]),
];
