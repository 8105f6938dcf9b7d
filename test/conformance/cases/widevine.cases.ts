// Widevine's licence parameters: security level, HDCP, durations, flags, extensions, device.
import { randomHex } from '../support/requests.js';
import { casesOf, type ConformanceCase, keyCases, type Row, tokenCases, valuesOf } from './case.js';
import { severalKeysCases } from './several-keys.cases.js';

const DURATIONS: readonly Row[] = [
  ...valuesOf('licenseDuration', 'issued', ['1', '172800']),
  ...valuesOf('licenseDuration', -7007, ['long', '-1', '1.5', '+60', '1e3']),
  ...valuesOf('playbackDuration', 'issued', ['1', '172800']),
  ...valuesOf('playbackDuration', -7007, ['long', '0', '-1', '1.5', '+60']),
  ...valuesOf('rentalDuration', -6007, ['long', '-1', '1.5']),
  ...valuesOf('rental.periodEndTime', -2022, ['soon', '2026-11-21T09:59:59Z']),
  ...valuesOf('rental.playDuration', -2025, ['long', '-1', '1.5']),
  ['a rights type, which the service does not know', { rightsType: 'Lease' }, 'issued'],
];

const OUTPUT: readonly Row[] = [
  ['a plain request', {}, 'issued'],
  ...valuesOf('securityLevel', 'issued', ['1', '2', '3', '4', '5']),
  ['no securityLevel', { securityLevel: undefined }, -7003],
  ['a securityLevel under a name of another case', { securityLevel: undefined, SecurityLevel: '1' }, -7003],
  ...valuesOf('securityLevel', -7004, ['0', '6', '-1', '1.5', 'HW_SECURE_ALL', '1 ']),
  ...valuesOf('hdcpOutputControl', 'issued', ['0', '1', '2', '3', '4', '5']),
  ['no hdcpOutputControl', { hdcpOutputControl: undefined }, -7006],
  ...valuesOf('hdcpOutputControl', -2034, ['6', '-1', '1.5', 'HDCP_V1']),
  ...valuesOf('outputControlFlags', 'issued', ['0000000f']),
  ...valuesOf('outputControlFlags', -2040, ['0000000', '000000000']),
  ...valuesOf('outputControlFlags', -2008, ['zzzzzzzz']),
];

const FLAGS_AND_CONTENT: readonly Row[] = [
  ...valuesOf('generalFlags', 'issued', ['0000', '00000000', '00000001']),
  ...valuesOf('generalFlags', -5003, ['0001', '00000002', '000', 'zzzz']),
  ['a contentId', { contentId: 'sintel' }, 'issued'],
  ['a contentId of 36 characters', { contentId: 'c'.repeat(36) }, 'issued'],
  ['a contentId of 37 characters', { contentId: 'c'.repeat(37) }, -6005],
];

/** What the tables of 2018 have, and an account may be held to. */
const PUBLISHED: readonly Row[] = [
  ...valuesOf('generalFlags', 'issued', ['0000']),
  ...valuesOf('generalFlags', -5003, ['0001', '00000000', '00000001', '000', 'zzzz']),
  ...valuesOf('hdcpOutputControl', 'issued', ['0', '1', '2']),
  ...valuesOf('hdcpOutputControl', -2034, ['3', '5']),
  ...valuesOf('playbackDuration', -7007, ['1', '172800']),
];

const EXTENSIONS: readonly Row[] = [
  ['an extension', { wvExtension: 'wudo,AAAAAA==' }, 'issued'],
  ['two extensions', { wvExtension: ['wudo,AAAAAA==', 'abcd,+/+/'] }, 'issued'],
  ['an extension without a comma', { wvExtension: 'wudo' }, -7009],
  ['a bad extension after a good one', { wvExtension: ['wudo,AAAA', 'wudo'] }, -7009],
  ['an extension without a payload', { wvExtension: 'wudo,' }, -2035],
  ...valuesOf('wvExtension', -2036, ['wud,AAAA', 'wudoo,AAAA']),
  ...valuesOf('wvExtension', -2037, ['wudo,****', 'wudo,AAAA=AAA', 'wudo,A']),
  ['an extension of FairPlay', { fpExtension: 'wudo' }, 'issued'],
];

const DEVICE: readonly Row[] = [
  ['a device', { deviceId: randomHex(16) }, -7002],
  ['a malformed device', { deviceId: 'zz' }, -7002],
];

/** Every case of Widevine's token service. */
export const WIDEVINE_CASES: readonly ConformanceCase[] = [
  ...tokenCases('widevine'),
  ...keyCases('widevine'),
  ...severalKeysCases('widevine'),
  ...casesOf('widevine', PUBLISHED, 'publishedTables'),
  ...casesOf('widevine', [...DURATIONS, ...OUTPUT, ...FLAGS_AND_CONTENT, ...EXTENSIONS, ...DEVICE]),
];
