// Who is asking: the account behind a customer authenticator, in the environment that this process plays.
import { PARAMETERS } from '@app/expressplay';
import { Injectable } from '@nestjs/common';
import { Environment } from '../environment.js';
import { EventError } from '../protocol/event-error.js';
import type { TokenParameters } from '../protocol/token-parameters.js';
import { AccountDirectory } from './account-directory.js';
import type { Account } from './account.js';

@Injectable()
export class AuthenticatorService {
  constructor(
    private readonly accounts: AccountDirectory,
    private readonly environment: Environment,
  ) {}

  /** The account of a request's authenticator. @throws EventError -2017, -2018 */
  authenticate(parameters: TokenParameters): Account {
    const authenticator = parameters.get(PARAMETERS.customerAuthenticator);
    if (authenticator === undefined || authenticator === '') throw new EventError(-2017, parameters.unread);
    const account = this.accounts.find(authenticator);
    if (account === undefined) throw new EventError(-2018, 'no account has it');
    if (account.environment !== this.environment.EMULATOR_ENVIRONMENT) {
      throw new EventError(-2018, `it is for the ${account.environment} environment`);
    }
    return account;
  }
}
