// ExpressPlay, as this process is configured to buy tokens of it.
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Budget, Clock } from '@app/platform/clock';
import {
  ExpressPlayClient,
  type IssuedToken,
  type PoolLoad,
  type TokenRequest,
  TransportError,
} from '@app/expressplay';
import type { Drm } from '../catalog/content.js';
import { Environment } from '../environment.js';
import { authenticatorsOf, connectTimeoutMs, expressPlayLocation, licenseHosts } from '../environment/expressplay.js';
import { Exchanges, exchangeSpan } from '../observability/exchanges.js';
import { Stages } from '../observability/stages.js';
import { InFlight } from '../overload.js';
import { Balance } from './balance.js';
import { Breaker, type BreakerState } from './breaker.js';
import { isRefusal, NotAskedError } from './license-tokens.errors.js';
import { Retries } from './retries.js';

/** How many of the players' requests at once there are to a connection to each of ExpressPlay's services: most of them wait for none. */
const REQUESTS_PER_CONNECTION = 8;
/** The share of the players' requests at once that may wait for one service: a DRM that hangs leaves the others as much. */
const SHARE_OF_A_DRM = 0.5;

/** How long ExpressPlay is left alone, in ms. Tests are less patient. */
@Injectable()
export class Pauses {
  /** A DRM's service in trouble: as long as a call may take by default. A shorter pause tries more viewers' patience, a longer one costs tokens. */
  readonly breakerMs: number = 5000;
  /** Most before a second try: what has just been refused or restarted needs a moment, and a viewer hardly notices it. */
  readonly retryMs: number = 250;
  /** An account without tokens: somebody has to buy some, and viewers wait for the try after that. */
  readonly balanceMs: number = 10_000;
  readonly longestBalanceMs: number = 60_000;
}

@Injectable()
export class ExpressPlay implements OnApplicationShutdown {
  readonly #client: ExpressPlayClient;
  readonly #breakers: Readonly<Record<Drm, Breaker<IssuedToken>>>;
  readonly #balance: Balance;
  readonly #retries: Retries;

  constructor(
    private readonly environment: Environment,
    private readonly clock: Clock,
    private readonly stages: Stages,
    private readonly exchanges: Exchanges,
    private readonly inFlight: InFlight,
    pauses: Pauses,
  ) {
    const capacity = Math.ceil(environment.MAX_REQUESTS_IN_FLIGHT * SHARE_OF_A_DRM);
    const pauseMs = Math.max(pauses.breakerMs, environment.EXPRESSPLAY_TIMEOUT_MS);
    this.#breakers = ofEachDrm((drm) => new Breaker(drm, { capacity, pauseMs }));
    this.#balance = new Balance({ firstMs: pauses.balanceMs, longestMs: pauses.longestBalanceMs });
    this.#retries = new Retries(pauses.retryMs);
    this.#client = new ExpressPlayClient({
      ...expressPlayLocation(environment),
      customerAuthenticator: authenticatorsOf(environment),
      onAuthenticatorFallback: (fallback) => exchanges.fellBack(fallback),
      onAnswer: (answer) => exchanges.answered(answer),
      aroundExchange: exchangeSpan,
      useHttps: true,
      licenseHosts: licenseHosts(environment),
      now: () => clock.now(),
      connectTimeoutMs: connectTimeoutMs(environment),
      timeoutMs: environment.EXPRESSPLAY_TIMEOUT_MS,
      maxConnections: Math.ceil(environment.MAX_REQUESTS_IN_FLIGHT / REQUESTS_PER_CONNECTION),
    });
  }

  /**
   * Buys a token, while it is of use: one that has ended by then is none, nor is it anybody's fault that it was refused. It is asked
   * for once more where none can have been bought.
   * @param budget for all of it
   * @throws ExpressPlayError, NotAskedError, AbandonedError
   */
  async requestToken(request: TokenRequest, budget: Budget): Promise<IssuedToken> {
    const isOfUse = (): boolean => this.clock.now() < request.expiresAt;
    try {
      const token = await this.inFlight.outside(() =>
        this.#retries.run(() => this.#ask(request, budget), {
          budget,
          neededMs: this.#answerMs,
          retried: (outcome) => this.exchanges.retried(request.drm, outcome),
        }),
      );
      if (isOfUse()) return token;
    } catch (error) {
      if (isOfUse() || !isRefusal(error)) throw error;
    }
    throw new TransportError('timeout');
  }

  /** Waits for what another request buys, which takes as little of this process as waiting for ExpressPlay itself. @throws what `wait` throws */
  waitWithOthers<T>(wait: () => Promise<T>): Promise<T> {
    return this.inFlight.outside(wait);
  }

  /** @throws ExpressPlayError, NotAskedError, AbandonedError */
  async #ask(request: TokenRequest, budget: Budget): Promise<IssuedToken> {
    const call = () => this.stages.run('upstream', () => this.#client.requestToken(request, budget));
    const hasTime = budget.leftMs >= this.#answerMs;
    try {
      return await this.#balance.run(() => this.#breakers[request.drm].run(call, hasTime));
    } catch (error) {
      if (error instanceof NotAskedError) this.exchanges.heldBack(request.drm, error.why);
      throw error;
    }
  }

  /** How long to wait for an answer, in ms, before its absence says anything of ExpressPlay. */
  get #answerMs(): number {
    return this.environment.EXPRESSPLAY_TIMEOUT_MS / 2;
  }

  /** What the breakers of the services are doing. */
  get breakers(): Record<Drm, BreakerState> {
    return ofEachDrm((drm) => this.#breakers[drm].state);
  }

  /** Whether the account has no tokens left, as far as is known. */
  get isBalanceExhausted(): boolean {
    return this.#balance.isExhausted;
  }

  /** Calls and connections at the moment. */
  get load(): PoolLoad {
    return this.#client.load;
  }

  /** Closes the connections once nothing is in flight: what is bought for whoever has hung up is written down before Postgres is left. */
  async onApplicationShutdown(): Promise<void> {
    await this.inFlight.whenEmpty();
    await this.#client.close();
    for (const breaker of Object.values(this.#breakers)) breaker.close();
  }
}

function ofEachDrm<T>(make: (drm: Drm) => T): Record<Drm, T> {
  return { playready: make('playready'), fairplay: make('fairplay'), widevine: make('widevine') };
}
