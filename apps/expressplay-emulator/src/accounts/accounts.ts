// Who is asking, whether they may have tokens of a service at all, and how many more.
import { type EventCode, type TokenService } from '@app/expressplay';
import { Injectable } from '@nestjs/common';
import { Environment } from '../environment.js';
import { EventError } from '../protocol/errors.js';
import type { TokenParameters } from '../protocol/parameters.js';
import { type Account, DEMO_ACCOUNTS } from './account.js';

/** Where accounts are looked up: the demo ones, or those of the file that replaces them. */
@Injectable()
export class AccountDirectory {
  readonly #byAuthenticator: ReadonlyMap<string, Account>;

  constructor(environment: Environment) {
    const accounts = environment.EMULATOR_ACCOUNTS_FILE ?? DEMO_ACCOUNTS;
    this.#byAuthenticator = new Map(accounts.map((account) => [account.authenticator, account]));
  }

  /** The account of a name. */
  named(name: string): Account | undefined {
    return [...this.#byAuthenticator.values()].find((account) => account.name === name);
  }

  /** The account of an authenticator, whatever its environment; undefined when there is none. */
  find(authenticator: string): Account | undefined {
    return this.#byAuthenticator.get(authenticator);
  }
}

const OPTION_DISABLED: Readonly<Record<TokenService, EventCode>> = {
  playready: -5002,
  fairplay: -6009,
  widevine: -7011,
};

@Injectable()
export class AccountService {
  /** Tokens that accounts have bought since the process started, by the account's name. */
  readonly #spent = new Map<string, number>();
  /** Tokens that were charged for when they were redeemed. */
  readonly #redeemed = new Set<string>();

  constructor(
    private readonly accounts: AccountDirectory,
    private readonly environment: Environment,
  ) {}

  /** The account of a request's authenticator. @throws EventError in the fixed order: -2017, -2018; -2031 */
  identify(parameters: TokenParameters): Account {
    const authenticator = parameters.get('customerAuthenticator');
    if (authenticator === undefined || authenticator === '') throw new EventError(-2017, parameters.unread);
    const account = this.accounts.find(authenticator);
    if (account === undefined) throw new EventError(-2018, 'no account has it');
    if (account.environment !== this.environment.EMULATOR_ENVIRONMENT) {
      throw new EventError(-2018, `it is for the ${account.environment} environment`);
    }
    if (account.disabled) throw new EventError(-2031);
    return account;
  }

  /**
   * The account of a request's authenticator, which may have tokens of the service.
   *
   * @throws EventError in the fixed order: those of `identify`; -5002, -6009, -7011; -6006
   */
  authenticate(parameters: TokenParameters, service: TokenService): Account {
    const account = this.identify(parameters);
    if (account.optionsOff.includes(service)) throw new EventError(OPTION_DISABLED[service]);
    if (service === 'fairplay' && !account.fairplayAuthorized) throw new EventError(-6006);
    return account;
  }

  /** Takes a token off the account's balance where that is done at its issue. @throws EventError -2019 when none is left */
  issue(account: Account): void {
    if (account.charge === 'issue') this.#spend(account);
  }

  /**
   * Takes a token off the account's balance where that is done when it is first redeemed.
   *
   * @param token the same for each redemption of it
   * @throws EventError -2019 when none is left
   */
  redeem(accountName: string, token: string): void {
    const account = this.accounts.named(accountName);
    if (account?.charge !== 'redemption' || this.#redeemed.has(token)) return;
    this.#spend(account);
    this.#redeemed.add(token);
  }

  #spend(account: Account): void {
    if (account.balance === null) return;
    const spent = this.#spent.get(account.name) ?? 0;
    if (spent >= account.balance) throw new EventError(-2019);
    this.#spent.set(account.name, spent + 1);
  }
}
