// Requests as a public client sends them to the real services: titles with several keys, whose parameters carry numbers, in CENC and
// CBCS, persistent and not. None of it is in the published tables.
import { type Parameters, randomHex, wrappedKey } from '../support/requests.js';
import { casesOf, type ConformanceCase, type Row } from './case.js';

/** The parameters of each key under names with its number, in place of the one key of the valid request. */
function numbered(...keys: readonly Parameters[]): Parameters {
  const names = keys.flatMap((key, number) => Object.entries(key).map(([name, value]) => [`${name}.${number}`, value]));
  const without = ['kid', 'contentKey', 'securityLevel', 'hdcpOutputControl'].map((name) => [name, undefined]);
  return Object.fromEntries([...without, ...names]) as Parameters;
}

const clear = (more: Parameters = {}): Parameters => ({ kid: randomHex(16), contentKey: randomHex(16), ...more });
const streaming = { generalFlags: '00000000', useHttps: 'true', expirationTime: '+2592000' };
const persistent = { ...streaming, generalFlags: '00000001' };

/** What one key of the service has beside its KID and key. */
const OWN: Readonly<Record<'playready' | 'widevine', readonly Parameters[]>> = {
  playready: [{ minCertSecurityLevel: '150' }, { minCertSecurityLevel: '2000' }, { minCertSecurityLevel: '3000' }],
  widevine: [
    { trackType: '0', securityLevel: '1', hdcpOutputControl: '0' },
    { trackType: '1', securityLevel: '3', hdcpOutputControl: '2' },
    { trackType: '2', securityLevel: '1', hdcpOutputControl: '5' },
  ],
};

/** Cases of titles with several keys. */
export function severalKeysCases(service: 'playready' | 'widevine'): ConformanceCase[] {
  const own = OWN[service];
  const [first = {}, second = {}] = own;
  const both = service === 'playready' ? -2005 : -6005;
  const { kek, ek } = wrappedKey();
  const kid = randomHex(16);
  const rows: Row[] = [
    ['three keys', { ...numbered(...own.map(clear)), ...streaming }, 'issued'],
    ['three keys, to be kept', { ...numbered(...own.map(clear)), ...persistent }, 'issued'],
    ['one key with a number', { ...numbered(clear(first)), ...streaming }, 'issued'],
    ['one key without a number', streaming, 'issued'],
    ['wrapped keys under one KEK', { ...numbered({ ...first, kid: randomHex(16), ek }), kek }, 'issued'],
    ['keys with numbers beside one without', { ...numbered(clear(first)), kid: randomHex(16) }, both],
    ['a number that is left out', { ...numbered(clear(first)), 'kid.2': kid, 'contentKey.2': kid }, -4018],
    ['a key that lacks its kid', numbered(clear(first), { ...second, contentKey: kid }), -4018],
    ['a kid twice', numbered(clear({ ...first, kid }), clear({ ...second, kid })), -4022],
    ['a key that is too short', numbered(clear(first), clear({ ...second, contentKey: kid.slice(2) })), -2027],
    ['a key wrapped under another KEK', { ...numbered({ ...first, kid, ek }), kek: randomHex(16) }, -4024],
  ];
  const cbcs: Row[] = [
    ['three keys in CBCS', { ...numbered(...own.map(clear)), ...streaming, algId: 'aescbc' }, 'issued'],
    ['one key in CBCS, to be kept', { ...persistent, algId: 'aescbc' }, 'issued'],
    ['an encryption that nobody knows', { algId: 'aes' }, -2005],
  ];
  return casesOf(service, service === 'playready' ? [...rows, ...cbcs] : rows);
}
