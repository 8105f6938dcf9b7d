// What a conformance case is, and the cases that all services have: token parameters, accounts, faults, KIDs and keys.
import { documentedCodesOf, FAULT_CODES, type Service } from '../documented-codes.js';
import { type AccountName, ACCOUNTS, type Parameters, randomHex, STORED_KEY, wrappedKey } from '../support/requests.js';

/** What a request must come to: a token, or the event code it is refused with. */
export type Outcome = 'issued' | number;

/** One case of one service. */
export interface ConformanceCase {
  readonly name: string;
  readonly service: Service;
  /** Changes to the service's valid request: added, replaced, or (undefined) removed. */
  readonly change: Parameters;
  readonly outcome: Outcome;
  /** Whose authenticator is sent; by default the good account's of the test environment. */
  readonly account?: AccountName;
  /** An event code that the emulator is told to answer with. */
  readonly fault?: number;
}

/** One row of a table: what is asked, the changes, and the outcome. */
export type Row = readonly [name: string, change: Parameters, outcome: Outcome];

/** The rows as cases of a service, and of an account if need be. */
export function casesOf(service: Service, rows: readonly Row[], account?: AccountName): ConformanceCase[] {
  return rows.map(([name, change, outcome]) => ({ name, service, change, outcome, ...(account && { account }) }));
}

/** One case for each value of a parameter. */
export function valuesOf(parameter: string, outcome: Outcome, values: readonly string[], also: Parameters = {}): Row[] {
  return values.map((value) => [`${parameter}=${value}`, { ...also, [parameter]: value }, outcome]);
}

const TOKEN_ROWS: readonly Row[] = [
  ...valuesOf('errorFormat', -3004, ['xml', 'text/html', 'json ']),

  ['no authenticator', { customerAuthenticator: undefined }, -2017],
  ['an empty authenticator', { customerAuthenticator: '' }, -2017],
  [
    'the authenticator under a name of another case',
    { customerAuthenticator: undefined, customerauthenticator: ACCOUNTS.good },
    -2017,
  ],
  ['an authenticator that nobody has', { customerAuthenticator: `201722,${randomHex(16)}` }, -2018],
  ['an authenticator of the wrong form', { customerAuthenticator: randomHex(16) }, -2018],
  ['an authenticator with a space after it', { customerAuthenticator: `${ACCOUNTS.good} ` }, -2018],

  ...valuesOf('expirationTime', 'issued', [
    '+1',
    '+60',
    '+2592000',
    '2026-11-21T10:00:01Z',
    '2026-11-22T10:00:00.250Z',
    '2026-12-21T10:00:00Z',
  ]),
  ...valuesOf('expirationTime', -2002, [
    'tomorrow',
    '60',
    '+',
    '+-60',
    '+1.5',
    '+1e3',
    ' 60',
    '+2592001',
    '2026-11-21T09:59:59Z',
    '2026-12-21T10:00:01Z',
    '2026-11-22',
    '2026-11-22T10:00:00',
    '2026-11-22T10:00:00+01:00',
    '2026-11-31T10:00:00Z',
    '2026-11-22T24:00:01Z',
  ]),

  ['a cookie of 1 character', { cookie: 'c' }, 'issued'],
  ['a cookie of 32 characters', { cookie: 'c'.repeat(32) }, 'issued'],
  ['a cookie of 32 characters beyond ASCII', { cookie: 'é'.repeat(32) }, 'issued'],
  ['a cookie of 33 characters', { cookie: 'c'.repeat(33) }, -2033],

  ['parameters that nobody knows', { 'kid.x': 'x', 'cookie.0': '7', future: '', KEK: 'zz' }, 'issued'],
  ['parameters of another case', { Cookie: 'c'.repeat(99), ExpirationTime: 'soon', DeviceId: 'zz' }, 'issued'],
];

const ACCOUNT_ROWS: readonly (readonly [account: AccountName, outcome: number])[] = [
  ['production', -2018],
  ['disabled', -2031],
  ['noBalance', -2019],
];

/** Accounts with a service switched off: which, and how that service says so. */
const OFF: Readonly<Record<Service, readonly (readonly [account: AccountName, code: number])[]>> = {
  playready: [['playReadyOff', -5002]],
  fairplay: [
    ['fairPlayOff', -6009],
    ['noFairPlayAuthorization', -6006],
  ],
  widevine: [['widevineOff', -7011]],
};

/** The cases of a service that have nothing to do with its licence. */
export function tokenCases(service: Service): ConformanceCase[] {
  const switchedOff = Object.entries(OFF).flatMap(([owner, rows]) =>
    rows.map(([account, code]) => [account, owner === service ? code : 'issued'] as const),
  );
  return [
    ...casesOf(service, TOKEN_ROWS),
    ...[...ACCOUNT_ROWS, ...switchedOff].map(([account, outcome]) => ({
      name: `the account "${account}"`,
      service,
      change: {},
      outcome,
      account,
    })),
    ...documentedCodesOf(service)
      .filter((code) => FAULT_CODES.includes(code))
      .map((code) => ({ name: `the fault ${code}`, service, change: {}, outcome: code, fault: code })),
  ];
}

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
