// The token services: who asks, what for, and the token they get.
import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { FaultsModule } from '../faults/faults.module.js';
import { InspectionModule } from '../inspection/inspection.module.js';
import { KeyStorageModule } from '../key-storage/key-storage.module.js';
import { ProtocolModule } from '../protocol/protocol.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { FaultInterceptor } from './fault.interceptor.js';
import { RequestRecorder } from './request-recorder.service.js';
import { TokenIssuer } from './token-issuer.service.js';
import { TokenServicesController } from './token-services.controller.js';
import { WrongUrlController } from './wrong-url.controller.js';

@Module({
  imports: [AccountsModule, FaultsModule, InspectionModule, KeyStorageModule, ProtocolModule, TokensModule],
  controllers: [TokenServicesController, WrongUrlController],
  providers: [FaultInterceptor, RequestRecorder, TokenIssuer],
})
export class TokenServicesModule {}
