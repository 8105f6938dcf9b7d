// ExpressPlay accounts, by the customer authenticators that stand for them.

/** The environment that an authenticator belongs to: an account has one for each. */
export type AccountEnvironment = 'test' | 'production';

/** A service account as one environment sees it. */
export interface Account {
  /** `<number>,<32 hex digits>` */
  readonly authenticator: string;
  readonly environment: AccountEnvironment;
}

/** Where accounts are looked up. */
export abstract class AccountDirectory {
  /** The account of an authenticator, whatever its environment; undefined when there is none. */
  abstract find(authenticator: string): Account | undefined;
}
