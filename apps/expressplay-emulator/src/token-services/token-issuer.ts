// Checks a token request from the error format to the balance, issues the token, and records what came of it.
import { Clock } from '@app/platform/clock';
import { Injectable } from '@nestjs/common';
import { AccountService } from '../accounts/accounts.js';
import { type Outcome, RequestLog } from '../inspection/logs.js';
import { Metrics } from '../inspection/metrics.js';
import { checkStoredKey, KeyStorage } from '../key-storage/key-storage.js';
import { checkErrorFormat, EventError } from '../protocol/errors.js';
import { PARAMETER_NAMES } from '../protocol/parameters.js';
import { TokenSealer } from '../tokens/token.js';
import { FAIRPLAY } from './fairplay.js';
import { PLAYREADY } from './playready.js';
import type { TokenAsked, TokenServiceDefinition } from './token-service.js';
import { WIDEVINE } from './widevine.js';

const TOKEN_SERVICES: readonly TokenServiceDefinition[] = [PLAYREADY, FAIRPLAY, WIDEVINE];

/** Where the token services are. */
export const TOKEN_PATHS: readonly string[] = TOKEN_SERVICES.map(({ path }) => path);

/** The service at a path, undefined when there is none. */
export function tokenServiceAt(path: string | undefined): TokenServiceDefinition | undefined {
  return TOKEN_SERVICES.find((definition) => definition.path === path);
}

@Injectable()
export class RequestRecorder {
  constructor(
    private readonly clock: Clock,
    private readonly requests: RequestLog,
    private readonly metrics: Metrics,
  ) {}

  /** Records what came of a request. */
  record({ definition, method, parameters }: TokenAsked, outcome: Outcome): void {
    const { service } = definition;
    if (outcome === 'issued') this.metrics.issued.inc({ service });
    else if (typeof outcome === 'number') this.metrics.refused.inc({ service, code: outcome });
    this.requests.add({
      at: this.clock.now().toISOString(),
      service,
      method,
      outcome,
      cookie: parameters.get('cookie') ?? null,
      parameters: parameters.redacted(),
      ignored: parameters.namesExcept(PARAMETER_NAMES[service]),
    });
  }
}

@Injectable()
export class TokenIssuer {
  constructor(
    private readonly clock: Clock,
    private readonly accounts: AccountService,
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
    const account = this.accounts.authenticate(parameters, definition.service);
    const { terms, key, expiresAt, cookie } = definition.check(parameters, now);
    checkStoredKey(this.keyStorage, key);
    this.accounts.spend(account);
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
