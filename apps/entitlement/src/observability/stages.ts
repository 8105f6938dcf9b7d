// The stages that the work on a request is told in: how long each took, and where in a trace it was.
import { Injectable } from '@nestjs/common';

/** All stages, in their order. */
export const STAGES = ['bearer', 'decision', 'upstream', 'ledger'] as const;

/**
 * - `bearer`: a bearer token is verified, the issuer's keys read for it included
 * - `decision`: purchases are looked up and the rules decide
 * - `upstream`: ExpressPlay is asked for a token
 * - `ledger`: a decision is written down
 */
export type Stage = (typeof STAGES)[number];

/** Runs a stage's work, once, and settles as it does: a place to do something before and after it. */
export type StageWrapper = <T>(stage: Stage, work: () => Promise<T>) => Promise<T>;

/** Runs the work of each stage within what those who watch have put around it. */
@Injectable()
export class Stages {
  readonly #wrappers: StageWrapper[] = [];

  /** Puts a wrapper around the stages from now on, within those that were put before. */
  wrap(wrapper: StageWrapper): void {
    this.#wrappers.push(wrapper);
  }

  /** Runs one stage's work. @throws what the work throws */
  run<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    return this.#wrappers.reduceRight<() => Promise<T>>((inner, wrapper) => () => wrapper(stage, inner), work)();
  }
}
