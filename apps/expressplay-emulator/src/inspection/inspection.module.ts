// What tests and people may look at, under `/emulator`: tokens, received requests, health.
import { Module } from '@nestjs/common';
import { TokensModule } from '../tokens/tokens.module.js';
import { HealthController } from './health.controller.js';
import { RequestLog } from './request-log.js';
import { RequestsController } from './requests.controller.js';
import { TokensController } from './tokens.controller.js';

@Module({
  imports: [TokensModule],
  controllers: [HealthController, RequestsController, TokensController],
  providers: [RequestLog],
  exports: [RequestLog],
})
export class InspectionModule {}
