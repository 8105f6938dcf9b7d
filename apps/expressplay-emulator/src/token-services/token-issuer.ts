// Checks a token request from the error format to the balance, issues the token, and records what came of it.
import { Clock } from '@app/platform/clock';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccountService } from '../accounts/accounts.js';
import { RequestLog } from '../inspection/records.js';
import { KeyStorage } from '../key-storage/key-storage.js';
import { checkErrorFormat, EventError, wrongUrl } from '../protocol/errors.js';
import { parametersOf } from '../protocol/reading.js';
import { TokenSealer } from '../tokens/token.js';
import type { TokenAsked, TokenServiceDefinition } from './checks.js';
import { FAIRPLAY } from './fairplay.js';
import { PLAYREADY } from './playready.js';
import { WIDEVINE } from './widevine.js';

export const TOKEN_SERVICES: readonly TokenServiceDefinition[] = [PLAYREADY, FAIRPLAY, WIDEVINE];

/** What a request to the path of a token service asks for. @throws wrongUrl at any other */
export function tokenAsked(request: FastifyRequest): TokenAsked {
  const definition = TOKEN_SERVICES.find(({ path }) => path === request.routeOptions.url);
  if (definition === undefined) throw wrongUrl();
  return { definition, method: request.method, parameters: parametersOf(request) };
}

@Injectable()
export class TokenIssuer {
  constructor(
    private readonly clock: Clock,
    private readonly accounts: AccountService,
    private readonly keyStorage: KeyStorage,
    private readonly sealer: TokenSealer,
    private readonly requests: RequestLog,
  ) {}

  /** Issues a token and records the request either way. @throws EventError with the code of the first check that fails */
  issue(asked: TokenAsked): string {
    try {
      const token = this.#checkAndSeal(asked, this.clock.now());
      this.requests.record(asked, 'issued');
      return token;
    } catch (error) {
      if (error instanceof EventError) this.requests.record(asked, error.code);
      throw error;
    }
  }

  /** The order of the statements is the order of the checks. */
  #checkAndSeal({ definition, parameters }: TokenAsked, now: Date): string {
    checkErrorFormat(parameters);
    const account = this.accounts.authenticate(parameters, definition.service);
    const { terms, givenKeys, storedKeys, expiresAt, cookie } = definition.check(parameters, now, account);
    const keys = [...givenKeys, ...storedKeys.map((storedKey) => this.keyStorage.find(storedKey))];
    this.accounts.issue(account);
    const contents = {
      service: definition.service,
      account: account.name,
      issuedAt: now.toISOString(),
      expiresAt: expiresAt.toISOString(),
      cookie,
      terms,
      parameters: parameters.redacted(),
    };
    return this.sealer.seal(contents, keys);
  }
}
