// The licence servers that redeem the tokens.
import { Module } from '@nestjs/common';
import { InspectionModule } from '../inspection/inspection.module.js';
import { ProtocolModule } from '../protocol/protocol.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { PlayReadyRightsController } from './playready-rights.controller.js';
import { RedemptionService } from './redemption.service.js';
import { RightsController } from './rights.controller.js';

@Module({
  imports: [InspectionModule, ProtocolModule, TokensModule],
  controllers: [PlayReadyRightsController, RightsController],
  providers: [RedemptionService],
})
export class LicenseServersModule {}
