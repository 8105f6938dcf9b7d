// /health/live, /health/ready and /health/startup, for whoever starts processes and sends players to them.
import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Controller,
  Get,
  Logger,
  Res,
  ServiceUnavailableException,
} from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { DatabaseUnavailableError } from '@app/platform/database';
import { SigningKeysUnavailableError } from '../auth/auth.errors.js';
import { Public } from '../auth/requires-scope.decorator.js';
import { SigningKeys } from '../auth/signing-keys.js';
import { Environment } from '../environment.js';
import { ExpressPlay } from '../license-tokens/expressplay.js';
import { MigrationsRepository } from './migrations.repository.js';
import { Operation, Tag } from '../openapi/documentation.js';
import { Alive, HealthReport } from './health.dto.js';

const up = {
  database: { status: 'up' },
  'signing-keys': { status: 'up' },
  draining: { status: 'up' },
  expressplay: { status: 'up', breakers: { playready: 'closed', fairplay: 'open', widevine: 'closed' } },
};
const down = { database: { status: 'down', message: 'Postgres cannot be used' } };
const { database: _database, ...others } = up;
const ANSWERS = {
  200: {
    description: 'Yes.',
    schema: HealthReport,
    examples: { well: { summary: 'All is well', value: { status: 'ok', info: up, error: {}, details: up } } },
  },
  503: {
    description: 'No.',
    schema: HealthReport,
    examples: {
      unwell: {
        summary: 'No database',
        value: { status: 'error', info: others, error: down, details: { ...up, ...down } },
      },
    },
  },
};

@Controller('health')
@Public('both')
@Tag('Service')
export class HealthController implements BeforeApplicationShutdown {
  readonly #logger = new Logger('Health');
  /** From the signal on. */
  #isDraining = false;
  /** What a start waits for. */
  readonly #started = [() => this.#database(), () => this.#signingKeys()];
  /** Why the database cannot be used, as last logged; empty while it can. */
  #logged = '';

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly environment: Environment,
    private readonly migrations: MigrationsRepository,
    private readonly keys: SigningKeys,
    private readonly expressPlay: ExpressPlay,
  ) {}

  /** Runs before the server stops listening: gives load balancers the time to see readiness fail and go elsewhere. */
  async beforeApplicationShutdown(signal?: string): Promise<void> {
    this.#isDraining = true;
    if (signal === undefined) return;
    const { SHUTDOWN_DRAIN_SECONDS: seconds } = this.environment;
    this.#logger.log(`${signal}: not ready from now on, ends in ${seconds} s and when requests are answered`);
    await delay(seconds * 1000);
  }

  /**
   * Whether the process lives
   * @remarks Nothing else is asked, so that a database outage restarts nobody.
   */
  @Get('live')
  @Operation({
    answers: {
      200: { description: 'It lives.', examples: { alive: { summary: 'It lives', value: { status: 'ok' } } } },
    },
  })
  getLiveness(): Alive {
    return { status: 'ok' };
  }

  /**
   * Whether to send players here
   * @remarks The database answers, its migrations are applied, the signing keys have been read, and no shutdown is under way. ExpressPlay being in trouble changes
   * nothing, since all processes ask the same one: `breakers` say which DRM's service is not asked at the moment.
   */
  @Get('ready')
  @Operation({ answers: ANSWERS })
  getReadiness(@Res({ passthrough: true }) reply: FastifyReply) {
    return this.#check(reply, [() => this.#notDraining(), ...this.#started, () => this.#expressPlay()]);
  }

  /**
   * Whether the service has started
   * @remarks The database answers, its migrations are applied, and the signing keys have been read.
   */
  // For whoever waits for a start. Not for what ends a process that is late: a restart brings no database back.
  @Get('startup')
  @Operation({ answers: ANSWERS })
  getStartup(@Res({ passthrough: true }) reply: FastifyReply) {
    return this.#check(reply, this.#started);
  }

  async #check(reply: FastifyReply, checks: (() => HealthIndicatorResult | Promise<HealthIndicatorResult>)[]) {
    try {
      return await this.health.check(checks);
    } catch (error) {
      // Terminus throws its report; here it is an answer like any other.
      if (!(error instanceof ServiceUnavailableException)) throw error;
      void reply.code(503);
      return error.getResponse();
    }
  }

  #notDraining(): HealthIndicatorResult {
    const indicator = this.indicators.check('draining');
    return this.#isDraining ? indicator.down('the process is shutting down') : indicator.up();
  }

  /** Read once is enough: when the issuer is down later, the keys that are known are used, and every process knows the same. */
  async #signingKeys(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('signing-keys');
    try {
      if (!this.keys.areKnown) await this.keys.current();
      return indicator.up();
    } catch (error) {
      // Why has been logged.
      if (!(error instanceof SigningKeysUnavailableError)) throw error;
      return indicator.down('the signing keys have not been read yet');
    }
  }

  #expressPlay(): HealthIndicatorResult {
    return this.indicators.check('expressplay').up({ breakers: this.expressPlay.breakers });
  }

  async #database(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('database');
    try {
      const pending = await this.migrations.pending();
      this.#logOnce(pending.length === 0 ? '' : `migrations are pending: ${pending.join(', ')}`);
      return pending.length === 0 ? indicator.up() : indicator.down('migrations are pending');
    } catch (error) {
      if (!(error instanceof DatabaseUnavailableError)) throw error;
      this.#logOnce(error.message);
      return indicator.down('Postgres cannot be used');
    }
  }

  /** Why is for the log: anybody may ask a probe. Logged when it changes, not at each probe. */
  #logOnce(why: string): void {
    if (why === this.#logged) return;
    if (why === '') this.#logger.log('Postgres can be used again');
    else this.#logger.warn(why);
    this.#logged = why;
  }
}
