// One DRM service of ExpressPlay: left alone while it is in trouble, and never given more of this process than its share.
import { Logger } from '@nestjs/common';
import CircuitBreaker from 'opossum';
import {
  classifyRefusal,
  QueueTimeoutError,
  RefusedError,
  TransportError,
  UnreadableAnswerError,
} from '@app/expressplay';
import type { Drm } from '../catalog/content.js';
import { NotAskedError } from './license-tokens.errors.js';

/** More than half of at least so many calls of the last seconds have to fail: fewer do no harm, and say little. */
const FEWEST_CALLS = 10;
/** How long a call is counted for after its end, in ms, at least. */
const WINDOW_MS = 10_000;

/** What a breaker may be doing, in the order of its gauge's values. */
export const BREAKER_STATES = ['closed', 'half-open', 'open'] as const;

/** `closed`: all calls are made; `open`: none is; `half-open`: one is tried, or will be. */
export type BreakerState = (typeof BREAKER_STATES)[number];

/** Limits of one service. */
export interface BreakerOptions {
  /** Most calls at once. */
  capacity: number;
  /** From opening to the next trial, in ms. */
  pauseMs: number;
}

/** What the outcome of a call says of the service: that it answers, that it is in trouble, or nothing. */
export type Verdict = 'answers' | 'trouble' | 'nothing';

export class Breaker<T> {
  /** Is told what calls have said, and makes none itself: it would count all that it makes. */
  #circuit: CircuitBreaker<[boolean], void>;
  readonly #drm: Drm;
  readonly #options: BreakerOptions;
  readonly #logger = new Logger('ExpressPlay');
  #inFlight = 0;
  #isTrying = false;
  // Moments of the monotonic clock, not of the time of day, which can be set back.
  #trialAt = 0;
  #answeredAt = -Infinity;

  constructor(drm: Drm, options: BreakerOptions) {
    this.#drm = drm;
    this.#options = options;
    this.#circuit = this.#newCircuit();
  }

  get state(): BreakerState {
    if (this.#circuit.closed) return 'closed';
    return this.#circuit.halfOpen ? 'half-open' : 'open';
  }

  /**
   * Makes a call, if the service is worth it.
   * @param hasTime whether the call can wait for an answer as long as the service may take
   * @throws NotAskedError, and what the call throws
   */
  async run(call: () => Promise<T>, hasTime: boolean): Promise<T> {
    const circuit = this.#circuit;
    const isTrial = !circuit.closed;
    if (isTrial && (!circuit.halfOpen || this.#isTrying)) {
      throw new NotAskedError('breaker', (this.#trialAt - performance.now()) / 1000);
    }
    if (this.#inFlight >= this.#options.capacity) throw new NotAskedError('bulkhead', 1);
    this.#inFlight += 1;
    this.#isTrying = isTrial;
    const startedAt = performance.now();
    let verdict: Verdict = 'answers';
    try {
      return await call();
    } catch (error) {
      const isOnlyBusy = error instanceof QueueTimeoutError && this.#answeredAt >= startedAt;
      verdict = isOnlyBusy ? 'nothing' : verdictOf(error, hasTime);
      throw error;
    } finally {
      this.#inFlight -= 1;
      if (isTrial) this.#isTrying = false;
      if (verdict === 'answers') this.#answeredAt = performance.now();
      // Of a call from before it opened, the trial knows better.
      if (verdict !== 'nothing' && (isTrial || circuit.closed)) {
        await circuit.fire(verdict === 'trouble').catch(() => undefined);
      }
    }
  }

  /** Ends its timers. Nothing is called afterwards. */
  close(): void {
    this.#circuit.shutdown();
  }

  /** A closed one, which has counted nothing. */
  #newCircuit(): CircuitBreaker<[boolean], void> {
    const { pauseMs } = this.#options;
    const drm = this.#drm;
    const says = (message: string) => ({ breaker: { drm, state: this.state }, msg: message });
    return new CircuitBreaker(
      async (isTrouble: boolean): Promise<void> => {
        if (isTrouble) throw new Error('in trouble');
      },
      {
        // The calls have deadlines of their own.
        timeout: false,
        errorThresholdPercentage: 50,
        volumeThreshold: FEWEST_CALLS,
        // Where calls may hang for long they end seldom.
        rollingCountTimeout: Math.max(WINDOW_MS, 2 * pauseMs),
        resetTimeout: pauseMs,
        rollingPercentilesEnabled: false,
        enableSnapshots: false,
      },
    )
      .on('open', () => {
        this.#trialAt = performance.now() + pauseMs;
        this.#logger.warn(says(`ExpressPlay's service for ${drm} is in trouble and is not asked for ${pauseMs} ms`));
      })
      .on('halfOpen', () => this.#logger.log(says(`ExpressPlay's service for ${drm} is tried with one request`)))
      .on('close', () => {
        this.#logger.log(says(`ExpressPlay's service for ${drm} answers again`));
        // opossum would go on counting the failures from before it opened.
        this.#circuit.shutdown();
        this.#circuit = this.#newCircuit();
      });
  }
}

/** Codes of class `transient` that one title alone may have: a premiere's must not take all others with it. */
const MAYBE_ONE_TITLE = new Set<number | undefined>([-4019, -6004, -7008]);

/**
 * Whether a failed call says that the service is in trouble, or answers: a refusal for one title, one request or the account does. What
 * was given up, never sent, or kept back by this process says neither.
 * @param hadTime whether the call could wait for an answer as long as the service may take
 */
export function verdictOf(error: unknown, hadTime: boolean): Verdict {
  if (error instanceof TransportError) {
    return error.reason === 'closed' || (error.reason === 'timeout' && !hadTime) ? 'nothing' : 'trouble';
  }
  if (error instanceof UnreadableAnswerError) return 'trouble';
  if (!(error instanceof RefusedError)) return 'nothing';
  const isUnavailable = classifyRefusal(error).problem === 'upstream-unavailable';
  return isUnavailable && !MAYBE_ONE_TITLE.has(error.code) ? 'trouble' : 'answers';
}
