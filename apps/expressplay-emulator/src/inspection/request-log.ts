// The record of the token requests that were received, for tests and people to look at.
import type { TokenService } from '@app/expressplay';
import { Injectable } from '@nestjs/common';
import type { FaultKind } from '../faults/fault.js';
import type { ShownParameters } from '../protocol/token-parameters.js';

/** What came of a request: a token, a refusal by this event code, or the fault that took the place of an answer. */
export type Outcome = 'issued' | number | `fault:${FaultKind}`;

/** One token request and what came of it. */
export interface ReceivedRequest {
  /** When it was received, RFC 3339. */
  readonly at: string;
  readonly service: TokenService;
  readonly method: string;
  readonly outcome: Outcome;
  /** The cookie as asked, valid or not. */
  readonly cookie: string | null;
  /** The parameters exactly as asked, the secret ones redacted. */
  readonly parameters: ShownParameters;
  /** The names of those that the service does not read. */
  readonly ignored: readonly string[];
}

/** The oldest requests are forgotten beyond this number. */
const MOST_REQUESTS = 10_000;

@Injectable()
export class RequestLog {
  #requests: ReceivedRequest[] = [];

  add(request: ReceivedRequest): void {
    this.#requests.push(request);
    // In halves, so that a long run does not move the whole list with every request.
    if (this.#requests.length >= 2 * MOST_REQUESTS) this.#requests = this.#requests.slice(-MOST_REQUESTS);
  }

  /** The latest requests, oldest first. */
  list(): readonly ReceivedRequest[] {
    return this.#requests.slice(-MOST_REQUESTS);
  }

  clear(): void {
    this.#requests = [];
  }
}
