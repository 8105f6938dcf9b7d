// The main job: an entitled player gets an ExpressPlay licence token.
import { Module } from '@nestjs/common';
import { EntitlementsModule } from '../entitlements/entitlements.module.js';
import { ContentKeys } from './content-keys.js';
import { ExpressPlay, Pauses } from './expressplay.js';
import { LicenseTokensController } from './license-tokens.controller.js';
import { LicenseTokensService } from './license-tokens.service.js';

@Module({
  imports: [EntitlementsModule],
  controllers: [LicenseTokensController],
  providers: [LicenseTokensService, ContentKeys, ExpressPlay, Pauses],
  exports: [ExpressPlay],
})
export class LicenseTokensModule {}
