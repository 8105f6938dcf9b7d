// What tests and people may look at, under `/emulator`: tokens, requests, redemptions, metrics, health.
import { Module } from '@nestjs/common';
import { TokensModule } from '../tokens/tokens.module.js';
import { HealthController } from './health.controller.js';
import { Metrics } from './metrics.js';
import { MetricsController } from './metrics.controller.js';
import { RedemptionLog } from './redemption-log.js';
import { RedemptionsController } from './redemptions.controller.js';
import { RequestLog } from './request-log.js';
import { RequestsController } from './requests.controller.js';
import { TokensController } from './tokens.controller.js';

@Module({
  imports: [TokensModule],
  controllers: [HealthController, MetricsController, RedemptionsController, RequestsController, TokensController],
  providers: [Metrics, RedemptionLog, RequestLog],
  exports: [Metrics, RedemptionLog, RequestLog],
})
export class InspectionModule {}
