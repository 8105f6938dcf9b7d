// Counts what the token services and the licence servers did, since the start of the process.
import type { TokenService } from '@app/expressplay';
import { Injectable } from '@nestjs/common';
import { Counter } from './counter.js';

const SERVICES: readonly TokenService[] = ['playready', 'fairplay', 'widevine'];

@Injectable()
export class Metrics {
  readonly #issued = new Counter('expressplay_emulator_tokens_issued_total', 'Tokens that were issued.', ['service']);
  readonly #refused = new Counter(
    'expressplay_emulator_token_requests_refused_total',
    'Token requests that were refused, by event error code.',
    ['service', 'code'],
  );
  readonly #faults = new Counter('expressplay_emulator_faults_total', 'Token requests that met a fault, by its kind.', [
    'service',
    'kind',
  ]);
  readonly #redeemed = new Counter('expressplay_emulator_tokens_redeemed_total', 'Tokens that were redeemed.', [
    'service',
  ]);
  readonly #redemptionsRefused = new Counter(
    'expressplay_emulator_redemptions_refused_total',
    'Redemptions that were refused, by event error code.',
    ['service', 'code'],
  );

  constructor() {
    // A rate needs the 0 that a counter starts from.
    for (const service of SERVICES) for (const counter of [this.#issued, this.#redeemed]) counter.add([service], 0);
  }

  issued(service: TokenService): void {
    this.#issued.add([service]);
  }

  refused(service: TokenService, code: number): void {
    this.#refused.add([service, code]);
  }

  faulted(service: TokenService, kind: string): void {
    this.#faults.add([service, kind]);
  }

  redeemed(service: TokenService): void {
    this.#redeemed.add([service]);
  }

  redemptionRefused(service: TokenService, code: number): void {
    this.#redemptionsRefused.add([service, code]);
  }

  /** All counters in Prometheus' text format. */
  render(): string {
    const counters = [this.#issued, this.#refused, this.#faults, this.#redeemed, this.#redemptionsRefused];
    return counters.map((counter) => counter.render()).join('');
  }
}
