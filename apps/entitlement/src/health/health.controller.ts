// /health/live, /health/ready and /health/startup, for whoever starts processes and sends players to them.
import { Controller, Get, Res, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { PinoLogger } from 'nestjs-pino';
import { DatabaseUnavailableError } from '@app/platform/database';
import { Public } from '../auth/requires-scope.decorator.js';
import { Draining } from './draining.js';
import { MigrationsRepository } from './migrations.repository.js';
import { Operation } from '../openapi/operation.js';
import { LIVE, READY, STARTUP } from './health.openapi.js';

@Controller('health')
@Public('both')
export class HealthController {
  private told = '';

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly draining: Draining,
    private readonly migrations: MigrationsRepository,
    private readonly logger: PinoLogger,
  ) {}

  /** Shallow, because a restart does not bring a database back: a process that can answer this lives. */
  @Get('live')
  @Operation(LIVE)
  live() {
    return { status: 'ok' };
  }

  /** Whether to send players here: not while draining, nor while Postgres takes no writes. */
  @Get('ready')
  @Operation(READY)
  ready(@Res({ passthrough: true }) reply: FastifyReply) {
    return this.check(reply, [() => this.notDraining(), () => this.database()]);
  }

  /** For whoever waits for a start. Not for what ends a process that is late: a restart brings no database back. */
  @Get('startup')
  @Operation(STARTUP)
  startup(@Res({ passthrough: true }) reply: FastifyReply) {
    return this.check(reply, [() => this.database()]);
  }

  private async check(reply: FastifyReply, checks: (() => HealthIndicatorResult | Promise<HealthIndicatorResult>)[]) {
    try {
      return await this.health.check(checks);
    } catch (error) {
      // Terminus throws its report; here it is an answer like any other.
      if (!(error instanceof ServiceUnavailableException)) throw error;
      void reply.code(503);
      return error.getResponse();
    }
  }

  private notDraining(): HealthIndicatorResult {
    const indicator = this.indicators.check('draining');
    return this.draining.underWay ? indicator.down('the process is shutting down') : indicator.up();
  }

  private async database(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('database');
    try {
      const pending = await this.migrations.pending();
      this.tell(pending.length === 0 ? '' : `migrations are pending: ${pending.join(', ')}`);
      return pending.length === 0 ? indicator.up() : indicator.down('migrations are pending');
    } catch (error) {
      if (!(error instanceof DatabaseUnavailableError)) throw error;
      this.tell(error.message);
      return indicator.down('Postgres cannot be used');
    }
  }

  /** Why is for the log: anybody may ask a probe. Told when it changes, not at each probe. */
  private tell(why: string): void {
    if (why === this.told) return;
    if (why === '') this.logger.info('Postgres can be used again');
    else this.logger.warn(why);
    this.told = why;
  }
}
