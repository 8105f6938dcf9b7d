// ExpressPlay accounts, by the customer authenticators that stand for them.
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
