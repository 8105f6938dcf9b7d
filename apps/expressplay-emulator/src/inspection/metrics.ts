// What the emulator counts, in Prometheus' text format.
import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';

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
