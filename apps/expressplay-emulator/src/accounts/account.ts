// ExpressPlay accounts by the customer authenticators that stand for them, and those that the emulator knows unless a file replaces them.
import type { TokenService } from '@app/expressplay';

/** The environment that an authenticator belongs to: an account has one for each. */
export type AccountEnvironment = 'test' | 'production';

/** A service account as one environment sees it. */
export interface Account {
  /** What people call it; unique, and no secret. */
  readonly name: string;
  /** `<number>,<32 hex digits>` */
  readonly authenticator: string;
  readonly environment: AccountEnvironment;
  /** A disabled account gets -2031. */
  readonly disabled: boolean;
  /** The DRM options that are switched off: -5002, -6009, -7011. */
  readonly optionsOff: readonly TokenService[];
  /** An account without FairPlay authorisation gets -6006 from FairPlay. */
  readonly fairplayAuthorized: boolean;
  /** How many tokens it may buy, after which it gets -2019; null for any number. */
  readonly balance: number | null;
}

/** An account of the test environment that nothing is wrong with but what is said. */
const account = (name: string, authenticator: string, changes: Partial<Account> = {}): Account => ({
  name,
  authenticator,
  environment: 'test',
  disabled: false,
  optionsOff: [],
  fairplayAuthorized: true,
  balance: null,
  ...changes,
});

/**
 * A good account for each environment, then one for every way in which an account is refused, all of the test
 * environment. The first one's authenticator is that of ExpressPlay's published sample; none of them is a secret.
 */
export const DEMO_ACCOUNTS: readonly Account[] = [
  account('good', '201722,1ad8eed133edf43cbcc185f0236828ae'),
  account('good-production', '201722,7f0c5b9e2d6a41388c94e0b7d15a63f2', { environment: 'production' }),
  account('disabled', '201723,d15ab1ed000000000000000000000001', { disabled: true }),
  account('no-balance', '201724,ba1a4ce0000000000000000000000000', { balance: 0 }),
  account('counts-down', '201725,ba1a4ce0000000000000000000000003', { balance: 3 }),
  account('playready-off', '201726,0ff00000000000000000000000000001', { optionsOff: ['playready'] }),
  account('fairplay-off', '201727,0ff00000000000000000000000000002', { optionsOff: ['fairplay'] }),
  account('widevine-off', '201728,0ff00000000000000000000000000003', { optionsOff: ['widevine'] }),
  account('no-fairplay-authorization', '201729,0ff00000000000000000000000000004', { fairplayAuthorized: false }),
];
