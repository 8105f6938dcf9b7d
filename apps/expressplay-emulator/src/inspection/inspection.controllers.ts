// What the emulator shows of itself: health, metrics, requests, redemptions, and what is in a token.
import { DomainError } from '@app/platform/problems';
import { Controller, Delete, Get, Header, HttpCode, Param } from '@nestjs/common';
import { type SealedToken, TokenSealer } from '../tokens/token.js';
import { Metrics, type ReceivedRequest, RedemptionLog, type Redemptions, RequestLog } from './records.js';

@Controller('emulator')
export class InspectionController {
  constructor(
    private readonly metrics: Metrics,
    private readonly requests: RequestLog,
    private readonly redemptions: RedemptionLog,
    private readonly sealer: TokenSealer,
  ) {}

  // The emulator depends on nothing, so answering is being healthy.
  @Get('health')
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  showMetrics(): Promise<string> {
    return this.metrics.render();
  }

  @Get('requests')
  listRequests(): readonly ReceivedRequest[] {
    return this.requests.list();
  }

  @Delete('requests')
  @HttpCode(204)
  clearRequests(): void {
    this.requests.clear();
  }

  @Get('redemptions')
  listRedemptions(): readonly Redemptions[] {
    return this.redemptions.list();
  }

  @Delete('redemptions')
  @HttpCode(204)
  clearRedemptions(): void {
    this.redemptions.clear();
  }

  // A wildcard, because the router limits the length of a plain parameter and tokens are long.
  @Get('tokens/*')
  showToken(@Param('*') token: string): SealedToken {
    const opened = this.sealer.open(token);
    if (opened === undefined) throw new DomainError('invalid-request', 'This is not a token of this emulator.');
    return opened;
  }
}
