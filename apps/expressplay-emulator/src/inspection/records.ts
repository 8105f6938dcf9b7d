// What the emulator counts, and the latest token requests and redemptions, for those who test with it.
import type { TokenService } from '@app/expressplay';
import { Clock } from '@app/platform/clock';
import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import type { FaultKind } from '../faults/faults.js';
import type { ShownParameters } from '../protocol/parameters.js';
import type { TokenAsked } from '../token-services/checks.js';

/** Counters in Prometheus' text format. */
@Injectable()
export class Metrics {
  readonly #registry = new Registry();
  readonly issued = this.#counter('tokens_issued', 'Tokens that were issued.', ['service']);
  readonly refused = this.#counter('token_requests_refused', 'Token requests that were refused, by event error code.', [
    'service',
    'code',
  ]);
  readonly faults = this.#counter('faults', 'Token requests that met a fault, by its kind.', ['service', 'kind']);
  readonly redeemed = this.#counter('tokens_redeemed', 'Tokens that were redeemed.', ['service']);
  readonly redemptionsRefused = this.#counter(
    'redemptions_refused',
    'Redemptions that were refused, by event error code.',
    ['service', 'code'],
  );

  constructor() {
    // A rate needs the 0 that a counter starts from.
    for (const service of ['playready', 'fairplay', 'widevine']) {
      for (const counter of [this.issued, this.redeemed]) counter.inc({ service }, 0);
    }
  }

  /** All counters in Prometheus' text format. */
  render(): Promise<string> {
    return this.#registry.metrics();
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name: `expressplay_emulator_${name}_total`, help, labelNames, registers: [this.#registry] });
  }
}

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

/** The oldest requests are forgotten beyond this number, and the cookies that were redeemed longest ago. */
const MOST = 10_000;

@Injectable()
export class RequestLog {
  #requests: ReceivedRequest[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** Records and counts what came of a request. */
  record({ definition: { service }, method, parameters }: TokenAsked, outcome: Outcome): void {
    if (outcome === 'issued') this.metrics.issued.inc({ service });
    else if (typeof outcome === 'number') this.metrics.refused.inc({ service, code: outcome });
    this.#requests.push({
      at: this.clock.now().toISOString(),
      service,
      method,
      outcome,
      cookie: parameters.get('cookie') ?? null,
      parameters: parameters.redacted(),
      ignored: parameters.ignoredBy(service),
    });
    // In halves, so that a long run does not move the whole list with every request.
    if (this.#requests.length >= 2 * MOST) this.#requests = this.#requests.slice(-MOST);
  }

  /** The latest requests, oldest first. */
  list(): readonly ReceivedRequest[] {
    return this.#requests.slice(-MOST);
  }

  clear(): void {
    this.#requests = [];
  }
}

/** The redemptions of the tokens with one cookie. */
export interface Redemptions {
  readonly service: TokenService;
  /** The tokens' cookie; null for all that have none. */
  readonly cookie: string | null;
  readonly count: number;
  /** When the last one was, RFC 3339. */
  readonly lastAt: string;
}

@Injectable()
export class RedemptionLog {
  readonly #byCookie = new Map<string, Redemptions>();

  /** Counts one redemption. */
  add(service: TokenService, cookie: string | null, at: Date): void {
    const key = JSON.stringify([service, cookie]);
    const count = (this.#byCookie.get(key)?.count ?? 0) + 1;
    // Taken out first, so that the order is that of the last redemption.
    this.#byCookie.delete(key);
    this.#byCookie.set(key, { service, cookie, count, lastAt: at.toISOString() });
    const [oldest] = this.#byCookie.keys();
    if (this.#byCookie.size > MOST && oldest !== undefined) this.#byCookie.delete(oldest);
  }

  /** All counts, the one redeemed longest ago first. */
  list(): readonly Redemptions[] {
    return [...this.#byCookie.values()];
  }

  clear(): void {
    this.#byCookie.clear();
  }
}
