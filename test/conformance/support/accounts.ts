// The authenticators of the emulator's demo accounts, by what is particular about each.
import { DEMO_ACCOUNTS } from '../../../apps/expressplay-emulator/src/accounts/account.js';

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
};

/** Names an account. */
export type AccountName = keyof typeof ACCOUNTS;

function authenticatorOf(name: string): string {
  const account = DEMO_ACCOUNTS.find((candidate) => candidate.name === name);
  if (account === undefined) throw new Error(`the emulator has no demo account "${name}"`);
  return account.authenticator;
}
