// Where accounts are looked up: the demo ones, or those of the file that replaces them.
import { Injectable } from '@nestjs/common';
import { Environment } from '../environment.js';
import type { Account } from './account.js';
import { DEMO_ACCOUNTS } from './demo-accounts.js';

@Injectable()
export class AccountDirectory {
  readonly #byAuthenticator: ReadonlyMap<string, Account>;

  constructor(environment: Environment) {
    const accounts = environment.EMULATOR_ACCOUNTS_FILE ?? DEMO_ACCOUNTS;
    this.#byAuthenticator = new Map(accounts.map((account) => [account.authenticator, account]));
  }

  /** The account of an authenticator, whatever its environment; undefined when there is none. */
  find(authenticator: string): Account | undefined {
    return this.#byAuthenticator.get(authenticator);
  }
}
