// The main job: an entitled player gets an ExpressPlay licence token.
import { Module } from '@nestjs/common';
import { EntitlementsModule } from '../entitlements/entitlements.module.js';
import { expressPlayProvider, ExpressPlayShutdown } from './expressplay.provider.js';
import { InFlightInterceptor } from './in-flight.interceptor.js';
import { IssuanceRepository } from './issuance.repository.js';
import { LicenseTokensController } from './license-tokens.controller.js';
import { LicenseTokensService } from './license-tokens.service.js';

@Module({
  imports: [EntitlementsModule],
  controllers: [LicenseTokensController],
  providers: [LicenseTokensService, IssuanceRepository, InFlightInterceptor, expressPlayProvider, ExpressPlayShutdown],
})
export class LicenseTokensModule {}
