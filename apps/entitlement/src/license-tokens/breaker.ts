// One DRM service of ExpressPlay: left alone while it is in trouble, and never given more of this process than its share.
import { Logger } from '@nestjs/common';
import CircuitBreaker from 'opossum';
import { classifyRefusal, RefusedError, TransportError, UnreadableAnswerError } from '@app/expressplay';
import type { Drm } from '../catalog/content.js';
import { NotAskedError } from './license-tokens.errors.js';

/** More than half of at least so many calls of the last seconds have to fail: fewer do no harm, and say little. */
const FEWEST_CALLS = 10;
/** How long calls are counted for, in ms, at least. */
const WINDOW_MS = 10_000;

/** What a breaker may be doing, in the order of its gauge's values. */
export const BREAKER_STATES = ['closed', 'half-open', 'open'] as const;

/** `closed`: all calls are made; `open`: none is; `half-open`: one is tried, or will be. */
export type BreakerState = (typeof BREAKER_STATES)[number];

/** Limits of one service. */
export interface BreakerOptions {
  /** Most calls at once. */
  capacity: number;
  /** From opening to the next trial, in ms. No call may take longer, or those from before it opened would decide in the trial's place. */
  pauseMs: number;
}

type Call<T> = () => Promise<T>;

export class Breaker<T> {
  readonly #circuit: CircuitBreaker<[Call<T>, boolean], T>;
  readonly #options: BreakerOptions;
  readonly #logger = new Logger('ExpressPlay');
  #inFlight = 0;
  /** When the next trial may be made. Not the time of day, which can be set back. */
  #trialAt = 0;

  constructor(drm: Drm, options: BreakerOptions) {
    this.#options = options;
    this.#circuit = new CircuitBreaker<[Call<T>, boolean], T>((call) => call(), {
      // The client has deadlines of its own. So has this the share: opossum would count a refusal for it as an answer of the service.
      timeout: false,
      errorThresholdPercentage: 50,
      volumeThreshold: FEWEST_CALLS,
      // A call that hangs still counts when it fails.
      rollingCountTimeout: Math.max(WINDOW_MS, 2 * options.pauseMs),
      resetTimeout: options.pauseMs,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      errorFilter: (error: unknown, ...[, hadTime]: unknown[]) => !this.#isFailure(error, hadTime === true),
    });
    const says = (message: string) => ({ breaker: { drm, state: this.state }, msg: message });
    this.#circuit
      .on('open', () => {
        this.#trialAt = performance.now() + options.pauseMs;
        this.#logger.warn(
          says(`ExpressPlay's service for ${drm} is in trouble and is not asked for ${options.pauseMs} ms`),
        );
      })
      .on('halfOpen', () => this.#logger.log(says(`ExpressPlay's service for ${drm} is tried with one request`)))
      .on('close', () => this.#logger.log(says(`ExpressPlay's service for ${drm} answers again`)));
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
  async run(call: Call<T>, hasTime: boolean): Promise<T> {
    // Asked here: opossum counts what it refuses as calls, of which failures then are a smaller share.
    if (!this.#circuit.closed && !this.#circuit.pendingClose) {
      throw new NotAskedError('breaker', (this.#trialAt - performance.now()) / 1000);
    }
    if (this.#inFlight >= this.#options.capacity) throw new NotAskedError('bulkhead', 1);
    this.#inFlight += 1;
    try {
      return await this.#circuit.fire(call, hasTime);
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** Ends its timers. Nothing is called afterwards. */
  close(): void {
    this.#circuit.shutdown();
  }

  /** A trial has to bring an answer: what opossum does not take for a failure closes it. */
  #isFailure(error: unknown, hadTime: boolean): boolean {
    if (this.#circuit.halfOpen && !(error instanceof RefusedError)) return true;
    return isTrouble(error, hadTime);
  }
}

/** Codes of class `transient` that one title alone may have: a premiere's must not take all others with it. */
const MAYBE_ONE_TITLE = new Set<number | undefined>([-4019, -6004, -7008]);

/**
 * Whether a failed call says that the service is in trouble, and not one title, one request, the account, or this process.
 * @param hadTime whether the call could wait for an answer as long as the service may take
 */
export function isTrouble(error: unknown, hadTime: boolean): boolean {
  if (error instanceof TransportError) return error.reason !== 'closed' && (hadTime || error.reason !== 'timeout');
  if (error instanceof UnreadableAnswerError) return true;
  if (!(error instanceof RefusedError)) return false;
  return classifyRefusal(error).problem === 'upstream-unavailable' && !MAYBE_ONE_TITLE.has(error.code);
}
