// The main job: an entitled player gets an ExpressPlay licence token.
import { Module } from '@nestjs/common';
import { ExpressPlayClient } from '@app/expressplay';
import { EntitlementsModule } from '../entitlements/entitlements.module.js';
import { AuthenticatorFallbacks } from './authenticator-fallbacks.js';
import { ContentKeySources } from './content-key.source.js';
import { DecisionRecorder } from './decision-recorder.js';
import { expressPlayProvider, ExpressPlayShutdown } from './expressplay.provider.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { LicenseTokensController } from './license-tokens.controller.js';
import { LicenseTokensService } from './license-tokens.service.js';
import { TokenEvents } from './token-events.js';

@Module({
  imports: [EntitlementsModule, LedgerModule],
  controllers: [LicenseTokensController],
  providers: [
    LicenseTokensService,
    ContentKeySources,
    DecisionRecorder,
    AuthenticatorFallbacks,
    TokenEvents,
    expressPlayProvider,
    ExpressPlayShutdown,
  ],
  exports: [AuthenticatorFallbacks, ExpressPlayClient, TokenEvents],
})
export class LicenseTokensModule {}
