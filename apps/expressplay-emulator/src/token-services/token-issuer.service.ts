// Checks a token request from the error format to the key storage, and issues the token.
import { Clock } from '@app/clock';
import { PARAMETERS, type EventCode } from '@app/expressplay';
import { Injectable } from '@nestjs/common';
import { AuthenticatorService } from '../accounts/authenticator.service.js';
import { RequestLog } from '../inspection/request-log.js';
import { KeyStorage } from '../key-storage/key-storage.js';
import { checkErrorFormat } from '../protocol/error-answer.js';
import { EventError } from '../protocol/event-error.js';
import type { TokenParameters } from '../protocol/token-parameters.js';
import { TokenSealer } from '../tokens/token-sealer.js';
import { checkStoredKey } from './checks/stored-key.check.js';
import type { TokenServiceDefinition } from './token-service.js';

/** A request as the issuer sees it. */
interface TokenAsked {
  readonly definition: TokenServiceDefinition;
  readonly method: string;
  readonly parameters: TokenParameters;
}

@Injectable()
export class TokenIssuer {
  constructor(
    private readonly clock: Clock,
    private readonly authenticator: AuthenticatorService,
    private readonly keyStorage: KeyStorage,
    private readonly sealer: TokenSealer,
    private readonly requests: RequestLog,
  ) {}

  /** Issues a token and records the request either way. @throws EventError with the code of the first check that fails */
  issue(asked: TokenAsked): string {
    const now = this.clock.now();
    try {
      const token = this.#checkAndSeal(asked, now);
      this.#record(asked, now, 'issued');
      return token;
    } catch (error) {
      if (error instanceof EventError) this.#record(asked, now, error.code);
      throw error;
    }
  }

  /** The order of the statements is the order of the checks. */
  #checkAndSeal({ definition, parameters }: TokenAsked, now: Date): string {
    checkErrorFormat(parameters);
    this.authenticator.authenticate(parameters);
    const { terms, key, expiresAt, cookie } = definition.check(parameters, now);
    checkStoredKey(this.keyStorage, key);
    return this.sealer.seal({
      service: definition.service,
      issuedAt: now.toISOString(),
      expiresAt: expiresAt.toISOString(),
      cookie,
      terms,
      parameters: parameters.redacted(),
    });
  }

  #record({ definition, method, parameters }: TokenAsked, now: Date, outcome: 'issued' | EventCode): void {
    this.requests.add({
      at: now.toISOString(),
      service: definition.service,
      method,
      outcome,
      cookie: parameters.get(PARAMETERS.cookie) ?? null,
      parameters: parameters.redacted(),
    });
  }
}
