// What the emulator shows of itself: health, metrics, requests, redemptions, and what is in a token.
import { DomainError } from '@app/platform/problems';
import { Controller, Delete, Get, Header, HttpCode, Param } from '@nestjs/common';
import { ForgedTokenError, type SealedToken, TokenSealer } from '../tokens/token.js';
import { type ReceivedRequest, RedemptionLog, type Redemptions, RequestLog } from './logs.js';
import { Metrics } from './metrics.js';

@Controller('emulator/health')
export class HealthController {
  // Nothing is looked at: the emulator depends on nothing, so answering is being healthy.
  @Get()
  check(): { status: 'ok' } {
    return { status: 'ok' };
  }
}

@Controller('emulator/metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  show(): string {
    return this.metrics.render();
  }
}

@Controller('emulator/requests')
export class RequestsController {
  constructor(private readonly requests: RequestLog) {}

  @Get()
  list(): readonly ReceivedRequest[] {
    return this.requests.list();
  }

  @Delete()
  @HttpCode(204)
  clear(): void {
    this.requests.clear();
  }
}

@Controller('emulator/redemptions')
export class RedemptionsController {
  constructor(private readonly redemptions: RedemptionLog) {}

  @Get()
  list(): readonly Redemptions[] {
    return this.redemptions.list();
  }

  @Delete()
  @HttpCode(204)
  clear(): void {
    this.redemptions.clear();
  }
}

@Controller('emulator/tokens')
export class TokensController {
  constructor(private readonly sealer: TokenSealer) {}

  // A wildcard, because the router limits the length of a plain parameter and tokens are long.
  @Get('*')
  show(@Param('*') token: string): SealedToken {
    try {
      return this.sealer.open(token);
    } catch (error) {
      if (error instanceof ForgedTokenError) throw new DomainError('invalid-request', `This is ${error.message}.`);
      throw error;
    }
  }
}
