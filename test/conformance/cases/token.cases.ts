// What all services have in common outside the licence: error format, authenticator, accounts, token life, cookie, faults.
import { documentedCodesOf, FAULT_CODES, type Service } from '../documented-codes.js';
import { ACCOUNTS, type AccountName } from '../support/accounts.js';
import { randomHex } from '../support/valid-requests.js';
import { casesOf, type ConformanceCase, type Row, valuesOf } from './case.js';

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

  ['parameters that nobody knows', { 'kid.0': 'x', 'trackType.0': '7', future: '', KEK: 'zz' }, 'issued'],
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
