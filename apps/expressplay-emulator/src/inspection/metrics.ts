// What the emulator counts, in Prometheus' text format.
import type { TokenService } from '@app/expressplay';
import { Injectable } from '@nestjs/common';

/** Counts, one for each combination of the labels' values. */
export class Counter {
  readonly #counts = new Map<string, number>();

  /** @param labels names of the labels, in the order that `add` takes their values in */
  constructor(
    private readonly name: string,
    private readonly help: string,
    private readonly labels: readonly string[],
  ) {}

  /** Counts up. The values are names and codes of this project's, so that nothing in them needs escaping. */
  add(values: readonly (string | number)[], by = 1): void {
    const key = this.labels.map((label, index) => `${label}="${values[index]}"`).join(',');
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + by);
  }

  /** Prometheus' text format, with a line break at the end. */
  render(): string {
    const samples = [...this.#counts].map(([key, count]) => `${this.name}{${key}} ${count}`);
    return [`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} counter`, ...samples, ''].join('\n');
  }
}

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
