// The licence servers that redeem the tokens.
import { Module } from '@nestjs/common';
import { ProtocolModule } from '../protocol/protocol.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { FairPlayRightsController } from './fairplay-rights.controller.js';
import { PlayReadyRightsController } from './playready-rights.controller.js';
import { RedemptionService } from './redemption.service.js';

@Module({
  imports: [ProtocolModule, TokensModule],
  controllers: [FairPlayRightsController, PlayReadyRightsController],
  providers: [RedemptionService],
})
export class LicenseServersModule {}
