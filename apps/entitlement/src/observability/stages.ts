// The stages of the work on a request: how long each took, and where in a trace it was.
import { Injectable } from '@nestjs/common';
import { Histogram, Registry } from 'prom-client';
import { inSpan, Tracing } from '@app/platform/telemetry';

/** All stages, in their order. */
export const STAGES = ['bearer', 'decision', 'upstream', 'ledger'] as const;

/**
 * - `bearer`: a bearer token is verified, the issuer's keys read for it included
 * - `decision`: purchases are looked up and the rules decide
 * - `upstream`: ExpressPlay is asked for a token
 * - `ledger`: a decision is written down
 */
export type Stage = (typeof STAGES)[number];

/**
 * Upper bounds of durations, in seconds. A decision takes about a millisecond, as does its row in the ledger, so the first
 * bounds separate half a millisecond from one and from two. ExpressPlay takes 20 to 2000 ms, which the bounds in the middle
 * divide about evenly. Beyond the last ones are the deadlines: there it only matters that it was too long.
 */
export const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

@Injectable()
export class Stages {
  readonly #durations: Histogram<'stage' | 'outcome'>;

  constructor(
    registry: Registry,
    private readonly tracing: Tracing,
  ) {
    this.#durations = new Histogram({
      name: 'entitlement_stage_duration_seconds',
      help: 'Time in one stage of the work on a request, by how the stage ended.',
      labelNames: ['stage', 'outcome'],
      buckets: DURATION_BUCKETS,
      registers: [registry],
    });
    for (const stage of STAGES) for (const outcome of ['ok', 'error']) this.#durations.zero({ stage, outcome });
  }

  /** Runs one stage's work, once; where the request is traced, in a span. @throws what the work throws */
  async run<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    let outcome = 'error';
    try {
      // The exchanges with ExpressPlay have spans of their own, two when the authenticator is changing.
      const hasSpan = this.tracing.enabled && stage !== 'upstream';
      const result = await (hasSpan ? inSpan(stage, {}, work) : work());
      outcome = 'ok';
      return result;
    } finally {
      this.#durations.observe({ stage, outcome }, (performance.now() - begun) / 1000);
    }
  }
}
