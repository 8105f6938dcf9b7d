// Checks a token request from the error format to the balance, and issues the token.
import { Clock } from '@app/platform/clock';
import { Injectable } from '@nestjs/common';
import { checkAccount } from '../accounts/account.checks.js';
import { AuthenticatorService } from '../accounts/authenticator.service.js';
import { BalanceService } from '../accounts/balance.service.js';
import { KeyStorage } from '../key-storage/key-storage.js';
import { checkErrorFormat } from '../protocol/error-answer.js';
import { EventError } from '../protocol/event-error.js';
import { TokenSealer } from '../tokens/token-sealer.js';
import { checkStoredKey } from './checks/stored-key.check.js';
import { RequestRecorder } from './request-recorder.service.js';
import type { TokenAsked } from './token-service.js';

@Injectable()
export class TokenIssuer {
  constructor(
    private readonly clock: Clock,
    private readonly authenticator: AuthenticatorService,
    private readonly balances: BalanceService,
    private readonly keyStorage: KeyStorage,
    private readonly sealer: TokenSealer,
    private readonly recorder: RequestRecorder,
  ) {}

  /** Issues a token and records the request either way. @throws EventError with the code of the first check that fails */
  issue(asked: TokenAsked): string {
    try {
      const token = this.#checkAndSeal(asked, this.clock.now());
      this.recorder.record(asked, 'issued');
      return token;
    } catch (error) {
      if (error instanceof EventError) this.recorder.record(asked, error.code);
      throw error;
    }
  }

  /** The order of the statements is the order of the checks. */
  #checkAndSeal({ definition, parameters }: TokenAsked, now: Date): string {
    checkErrorFormat(parameters);
    const account = this.authenticator.authenticate(parameters);
    checkAccount(account, definition.service);
    const { terms, key, expiresAt, cookie } = definition.check(parameters, now);
    checkStoredKey(this.keyStorage, key);
    this.balances.spend(account);
    return this.sealer.seal({
      service: definition.service,
      issuedAt: now.toISOString(),
      expiresAt: expiresAt.toISOString(),
      cookie,
      terms,
      parameters: parameters.redacted(),
    });
  }
}
