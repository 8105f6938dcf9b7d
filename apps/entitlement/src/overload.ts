// Refuses requests beyond what a caller may send in a minute, and players' beyond what this process can work on at once.
import { type CanActivate, type ExecutionContext, Global, Module } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '@app/platform/clock';
import { RateLimitedError, RateLimiter } from '@app/platform/http';
import { DomainError } from '@app/platform/problems';
import type { AuthenticatedRequest } from './auth/user.js';
import { Environment } from './environment.js';

/** More requests are in flight than this process takes. */
export class OverloadedError extends DomainError {
  constructor(retryAfterSeconds = 1) {
    super('overloaded', 'The service is busy.', { retryAfterSeconds });
  }
}

/** After so many seconds, so that those who are refused together do not all come back together. */
const REFUSALS = [1, 2, 3].map((seconds) => new OverloadedError(seconds));

/** When more than so many are inside for as long, in ms, it is no burst and no pause: they wait for each other. */
const CROWD = 64;
const CROWD_MS = 200;
/** Enough to keep the event loop and the connections to Postgres at work: with more inside, each only takes longer. */
const ENOUGH = 32;

/**
 * How many players' requests this process is working on, and how many it may. Those that do not wait for ExpressPlay are inside: they
 * want the event loop, or Postgres. Once there is a crowd of them, no more than enough are let in, until nobody has been refused for a
 * while. How fast the machine is plays no part in it, nor does a slow ExpressPlay.
 */
export class InFlight {
  #count = 0;
  #outside = 0;
  #isCrowded = false;
  /** Of the present while: when it began, the fewest that were inside, and how many were refused. */
  #since = -Infinity;
  #fewestInside = 0;
  #refused = 0;
  #emptied: (() => void)[] = [];

  /**
   * @param most how many there may ever be
   * @param now the present moment, in ms
   */
  constructor(
    private readonly most: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** How many there are at the moment. */
  get count(): number {
    return this.#count;
  }

  /** How many there may be at the moment. */
  get limit(): number {
    this.#look();
    return this.#isCrowded ? Math.min(this.most, ENOUGH + this.#outside) : this.most;
  }

  /** The answer while no place is left, else undefined. */
  refusal(): OverloadedError | undefined {
    if (this.#count < this.limit) return undefined;
    this.#refused += 1;
    return REFUSALS[Math.floor(Math.random() * REFUSALS.length)];
  }

  /**
   * Takes a place among the requests in flight.
   * @returns gives the place back
   * @throws OverloadedError when there is none left
   */
  enter(): () => void {
    const refusal = this.refusal();
    if (refusal !== undefined) throw refusal;
    this.#count += 1;
    return () => {
      this.#count -= 1;
      if (this.#count === 0) for (const emptied of this.#emptied.splice(0)) emptied();
      this.#fewestInside = Math.min(this.#fewestInside, this.#inside);
    };
  }

  /** Once nothing is worked on, also for whoever has hung up: each request has a budget. */
  async whenEmpty(): Promise<void> {
    if (this.#count > 0) await new Promise<void>((resolve) => this.#emptied.push(resolve));
  }

  /** Waits for ExpressPlay. @throws what the work throws */
  async outside<T>(work: () => Promise<T>): Promise<T> {
    this.#outside += 1;
    this.#fewestInside = Math.min(this.#fewestInside, this.#inside);
    try {
      return await work();
    } finally {
      this.#outside -= 1;
    }
  }

  get #inside(): number {
    return this.#count - this.#outside;
  }

  #look(): void {
    const now = this.now();
    if (now - this.#since < CROWD_MS) return;
    if (this.#fewestInside > CROWD) this.#isCrowded = true;
    else if (this.#refused === 0) this.#isCrowded = false;
    this.#since = now;
    this.#fewestInside = this.#inside;
    this.#refused = 0;
  }
}

/**
 * Refuses players' requests that there is no place for: when their headers are there, before anything is done for them, or else when
 * they are whole and take a place, so that a body that comes slowly holds none. The place is given back when the handler has ended,
 * also where nobody waits for it any more. Call it before there are routes.
 */
export function limitInFlight(instance: FastifyInstance, inFlight: InFlight): void {
  instance.addHook('onRoute', (route) => {
    const { config, handler, onRequest = [] } = route;
    if (config?.listener !== 'public' || config.allowed !== undefined) return;
    route.onRequest = [...[onRequest].flat(), (_request, _reply, done) => done(inFlight.refusal())];
    route.handler = async function (request, reply) {
      const leave = inFlight.enter();
      try {
        return await handler.call(this, request, reply);
      } finally {
        leave();
      }
    };
  });
}

const inFlightOf = {
  provide: InFlight,
  inject: [Environment],
  useFactory: ({ MAX_REQUESTS_IN_FLIGHT: most }: Environment) => new InFlight(most),
};

/** One count for all players' routes together. */
@Global()
@Module({ providers: [inFlightOf], exports: [InFlight] })
export class OverloadModule {}

/** A limit for each caller, after the guard that finds out who is calling. Players and machines have a limit each. */
export class UserRateGuard implements CanActivate {
  readonly #players: RateLimiter;
  readonly #machines: RateLimiter;

  constructor(environment: Environment, clock: Clock) {
    const now = () => clock.now().getTime();
    this.#players = new RateLimiter(environment.RATE_LIMIT_PER_USER_PER_MINUTE, now);
    this.#machines = new RateLimiter(environment.RATE_LIMIT_MANAGEMENT_PER_MINUTE, now);
  }

  /** @throws RateLimitedError */
  canActivate(context: ExecutionContext): boolean {
    const { user, routeOptions } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (user === undefined) return true;
    const limiter = routeOptions.config.listener === 'management' ? this.#machines : this.#players;
    const wait = limiter.take(user.id);
    if (wait > 0) throw new RateLimitedError(wait);
    return true;
  }
}
