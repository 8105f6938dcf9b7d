// Requests as parameters by name, the accounts that ask, and the smallest valid request of each service.
import { authenticatorOf } from '../../../apps/expressplay-emulator/src/testing/ask.js';
import {
  entriesOf,
  FAIRPLAY_REQUEST,
  PLAYREADY_PURCHASE,
  randomHex,
  WIDEVINE_REQUEST,
  wrappedKeyParameters,
  type Asked,
} from '../../../apps/expressplay-emulator/src/testing/valid-requests.js';
import { NOW } from '../../../libs/expressplay/test-support/testing.js';
import type { Service } from '../documented-codes.js';

export { entriesOf, NOW, randomHex, wrappedKeyParameters as wrappedKey, type Asked as Parameters };

/** One name and one value, as they go on the wire before encoding. */
export type Entry = readonly [name: string, value: string];

/** `application/x-www-form-urlencoded`, also for queries: a plus becomes `%2B`. */
export function encode(parameters: Asked | readonly Entry[]): string {
  const entries = Array.isArray(parameters) ? (parameters as readonly Entry[]) : entriesOf(parameters as Asked);
  return entries.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}

/** Authenticators by account. All are of the test environment but `production`. */
export const ACCOUNTS = {
  good: authenticatorOf('good'),
  production: authenticatorOf('good-production'),
  disabled: authenticatorOf('disabled'),
  noBalance: authenticatorOf('no-balance'),
  /** May buy three tokens. */
  countsDown: authenticatorOf('counts-down'),
  playReadyOff: authenticatorOf('playready-off'),
  fairPlayOff: authenticatorOf('fairplay-off'),
  widevineOff: authenticatorOf('widevine-off'),
  noFairPlayAuthorization: authenticatorOf('no-fairplay-authorization'),
  /** May ask for no more than the tables of 2018 have. */
  publishedTables: authenticatorOf('published-tables'),
};

/** Names an account. */
export type AccountName = keyof typeof ACCOUNTS;

/** A KID under which a test has stored the wrapped key. */
export const STORED_KEY: { kid: string; kek: string; ek: string } = { kid: randomHex(16), ...wrappedKeyParameters() };

/** The licence parameters of each service: those that are required, with a clear key. */
export const VALID_REQUESTS: Readonly<Record<Service, Asked>> = {
  playready: PLAYREADY_PURCHASE,
  fairplay: FAIRPLAY_REQUEST,
  widevine: WIDEVINE_REQUEST,
};
