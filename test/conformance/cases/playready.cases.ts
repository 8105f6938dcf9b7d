// PlayReady's licence parameters: rights, flags, output protection, extension, device.
import { type Parameters, randomHex } from '../support/requests.js';
import { casesOf, type ConformanceCase, keyCases, type Row, tokenCases, valuesOf } from './case.js';
import { severalKeysCases } from './several-keys.cases.js';

const RENTAL: Parameters = { rightsType: 'Rental', generalFlags: '00000001', 'rental.periodEndTime': '+3600' };
const END = 'rental.periodEndTime';
const PLAY = 'rental.playDuration';

const RIGHTS: readonly Row[] = [
  ['a purchase', {}, 'issued'],
  ['no rightsType', { rightsType: undefined }, -2020],
  ...valuesOf('rightsType', -2021, ['Lease', 'buytoown', 'RENTAL', 'BuyToOwn ']),

  ['a rental', RENTAL, 'issued'],
  ['a rental with a play duration', { ...RENTAL, [PLAY]: '7200' }, 'issued'],
  ...valuesOf(END, 'issued', ['+1', '+31536000', '2026-11-21T10:00:01Z', '2027-11-21T10:00:00.5Z'], RENTAL),
  ...valuesOf(
    END,
    -2022,
    ['soon', '3600', '+', '+-1', '+0.5', '2026-11-21T09:59:59Z', '2026-11-22T10:00:00+01:00', '2027-02-29T10:00:00Z'],
    RENTAL,
  ),
  ['a rental without its end', { ...RENTAL, [END]: undefined }, -2022],
  [
    'a rental with its end under a name of another case',
    { ...RENTAL, [END]: undefined, 'rental.PeriodEndTime': '+60' },
    -2022,
  ],
  ...valuesOf(PLAY, -2025, ['long', '-1', '1.5', '+60', '1e3'], RENTAL),
  ['a purchase with the end of a rental', { [END]: '+3600' }, -2022],
  ['a purchase with a play duration', { [PLAY]: '7200' }, -2025],
];

const GENERAL_FLAGS: readonly Row[] = [
  ...valuesOf('generalFlags', 'issued', ['00000000', '00000001', '0000000F']),
  ...valuesOf('generalFlags', -5003, ['0000', '0000000g', '000000001', 'persistent']),
  ['a rental without flags', { ...RENTAL, generalFlags: undefined }, -5003],
  ...valuesOf('generalFlags', 'issued', ['00000003', 'ffffffff'], RENTAL),
  ...valuesOf('generalFlags', -5003, ['00000000', '00000002', '10000000'], RENTAL),
];

const LEVELS = [
  'analogVideoOPL',
  'compressedDigitalAudioOPL',
  'compressedDigitalVideoOPL',
  'uncompressedDigitalAudioOPL',
  'uncompressedDigitalVideoOPL',
];

const OUTPUT: readonly Row[] = [
  ...LEVELS.map((level): Row => [`no ${level}`, { [level]: undefined }, -5006]),
  ...LEVELS.flatMap((level) => valuesOf(level, 'issued', ['0', '999'])),
  ...LEVELS.flatMap((level) => valuesOf(level, -2034, ['1000', '-1', 'high', '1.5', '1e2', '0x10'])),
  ['an OPL under a name of another case', { analogVideoOPL: undefined, analogVideoOpl: '1' }, -5006],
  ...valuesOf('unknownOutputBehavior', 'issued', ['Allow', 'Disallow', 'SDOnly']),
  ...valuesOf('unknownOutputBehavior', -5001, ['Maybe', 'allow', 'SDonly']),
  ...valuesOf('outputControlFlags', 'issued', ['00000000', '0000000f', 'FFFFFFFF']),
  ...valuesOf('outputControlFlags', -2040, ['0000000', '000000000', 'zz']),
  ...valuesOf('outputControlFlags', -2008, ['0000000g', 'zzzzzzzz']),
];

const EXTENSION: readonly Row[] = [
  ['an extension', { extensionType: 'wudo', extensionPayload: 'AAAAAA==' }, 'issued'],
  ['an extension with + and / in its payload', { extensionType: 'wudo', extensionPayload: '+/+/' }, 'issued'],
  ['an extension without a payload', { extensionType: 'wudo' }, -2035],
  ...valuesOf('extensionType', -2036, ['wud', 'wudoo'], { extensionPayload: 'AAAA' }),
  ...valuesOf('extensionPayload', -2037, ['****', 'AAAA=AAA', 'A'], { extensionType: 'wudo' }),
];

const DEVICE: readonly Row[] = [
  ['a device', { deviceId: randomHex(16) }, 'issued'],
  ...valuesOf('deviceId', -5004, ['zz', '0'.repeat(31), '0'.repeat(33), 'g'.repeat(31)]),
  ...valuesOf('deviceId', -5005, ['g'.repeat(32)]),
];

/** Every case of PlayReady's token service. */
export const PLAYREADY_CASES: readonly ConformanceCase[] = [
  ...tokenCases('playready'),
  ...keyCases('playready'),
  ...severalKeysCases('playready'),
  ...casesOf('playready', [...RIGHTS, ...GENERAL_FLAGS, ...OUTPUT, ...EXTENSION, ...DEVICE]),
];
