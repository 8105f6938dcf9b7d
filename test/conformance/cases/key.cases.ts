// KIDs and keys: `kid`, `contentKey`, `kek` and `ek`, with the integrity check of RFC 3394.
import type { Service } from '../documented-codes.js';
import type { Parameters } from '../support/parameters.js';
import { randomHex, STORED_KEY, wrappedKey } from '../support/valid-requests.js';
import { casesOf, type ConformanceCase, type Row, valuesOf } from './case.js';

const KEY = wrappedKey();
const NOT_HEX = 'g'.repeat(32);

/** The key as `kek` + `ek`. FairPlay takes a `kek` with one of `kid` and `ek`, and needs no KID otherwise. */
function wrapped(service: Service, { kek, ek }: { kek: string; ek: string } = KEY): Parameters {
  return { contentKey: undefined, kek, ek, ...(service === 'fairplay' && { kid: undefined }) };
}

/** The key as `kek` + `kid`, which has to be in key storage. */
const STORED: Parameters = { contentKey: undefined, kek: STORED_KEY.kek, kid: STORED_KEY.kid };

/** The last digit replaced by another, which the integrity check notices. */
function altered(hex: string): string {
  return hex.slice(0, -1) + (hex.endsWith('0') ? '1' : '0');
}

/** Cases of what names the key, for any service. */
export function keyCases(service: Service): ConformanceCase[] {
  return casesOf(service, [...kidRows(service), ...contentKeyRows(service), ...wrappedKeyRows(service)]);
}

function kidRows(service: Service): Row[] {
  // FairPlay needs a KID for key storage only; the other two with every key.
  const withKey: Parameters = service === 'fairplay' ? STORED : {};
  const rows: Row[] = [
    ['an empty kid', { ...withKey, kid: '' }, -4018],
    ['a kid of 31 digits', { ...withKey, kid: STORED_KEY.kid.slice(1) }, -4020],
    ['a kid of 33 digits', { ...withKey, kid: `${STORED_KEY.kid}0` }, -4020],
    ['a kid of 32 characters that are not hex', { ...withKey, kid: NOT_HEX }, -4022],
    ['a kid of a bare ^', { ...withKey, kid: '^' }, -4022],
    ['a kid of ^ and 65 characters', { ...withKey, kid: `^${'k'.repeat(65)}` }, -4021],
  ];
  if (service === 'fairplay') return [...rows, ['a malformed kid beside a clear key', { kid: 'zz' }, -4020]];
  return [
    ...rows,
    ['no kid', { kid: undefined }, -4018],
    ['a kid under a name of another case', { kid: undefined, KID: randomHex(16) }, -4018],
    ['no kid beside kek and ek', { ...wrapped(service), kid: undefined }, -4018],
    ['a kid in upper case', { kid: randomHex(16).toUpperCase() }, 'issued'],
    ['a kid of ^ and 1 character', { kid: '^k' }, 'issued'],
    ['a kid of ^ and 64 characters', { kid: `^${'k'.repeat(64)}` }, 'issued'],
  ];
}

function contentKeyRows(service: Service): Row[] {
  const noKey = service === 'playready' ? -2005 : -6005;
  return [
    ['a contentKey in upper case', { contentKey: randomHex(16).toUpperCase() }, 'issued'],
    ['a contentKey of 30 digits', { contentKey: randomHex(15) }, -2027],
    ['a contentKey of 31 digits', { contentKey: randomHex(16).slice(1) }, -2027],
    ['a contentKey of 34 digits', { contentKey: randomHex(17) }, -2027],
    ['a contentKey of 31 characters that are not hex', { contentKey: NOT_HEX.slice(1) }, -2027],
    ['a contentKey of 32 characters that are not hex', { contentKey: NOT_HEX }, -2005],
    ['no key', { contentKey: undefined }, noKey],
    ['an ek without its kek', { ...wrapped(service), kek: undefined }, noKey],
  ];
}

function wrappedKeyRows(service: Service): Row[] {
  const rows: Row[] = [
    ['a wrapped key', wrapped(service), 'issued'],
    [
      'a wrapped key in upper case',
      wrapped(service, { kek: KEY.kek.toUpperCase(), ek: KEY.ek.toUpperCase() }),
      'issued',
    ],
    ['a key wrapped under a kek of 24 bytes', wrapped(service, wrappedKey(24)), 'issued'],
    ['a key wrapped under a kek of 32 bytes', wrapped(service, wrappedKey(32)), 'issued'],
    ['a key wrapped under another kek', wrapped(service, { kek: randomHex(16), ek: KEY.ek }), -4024],
    ['an altered ek', wrapped(service, { kek: KEY.kek, ek: altered(KEY.ek) }), -4024],
    ...valuesOf('kek', -4024, ['zz', randomHex(15), KEY.kek.slice(1), NOT_HEX], wrapped(service)),
    ...valuesOf('ek', -4024, ['zz', randomHex(16), KEY.ek.slice(1), `${KEY.ek}00`, 'g'.repeat(48)], wrapped(service)),
    ['a malformed kek for key storage', { ...STORED, kek: 'zz' }, -4024],
    ['a stored key', STORED, 'issued'],
    ['a stored key, asked for with its kid in upper case', { ...STORED, kid: STORED_KEY.kid.toUpperCase() }, 'issued'],
    ['a key that is not stored', { ...STORED, kid: randomHex(16) }, -4019],
    ['a key that is not stored under ^ and a text', { ...STORED, kid: '^somewhere' }, -4019],
  ];
  switch (service) {
    case 'playready':
      return [
        ...rows,
        ['kek and contentKey', { kek: KEY.kek }, -5007],
        ['kek, ek and contentKey', { kek: KEY.kek, ek: KEY.ek }, -5007],
      ];
    case 'fairplay':
      return [
        ...rows,
        ['kek with neither kid nor ek', { contentKey: undefined, kek: KEY.kek }, -6005],
        ['kek with both kid and ek', { ...STORED, ek: STORED_KEY.ek }, -6005],
        ['kek and contentKey', { kek: KEY.kek }, -6005],
      ];
    case 'widevine':
      // It does not document the code that PlayReady has for this.
      return [...rows, ['kek and contentKey', { kek: KEY.kek }, -6005]];
  }
}
