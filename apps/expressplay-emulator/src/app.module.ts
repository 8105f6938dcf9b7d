// The emulator's table of contents.
import { ClockModule } from '@app/platform/clock';
import { configurationModule } from '@app/platform/configuration';
import { loggingModule } from '@app/platform/http';
import { type DynamicModule, Module } from '@nestjs/common';
import type { DestinationStream } from 'pino';
import { AccountDirectory, AccountService } from './accounts/accounts.js';
import { Environment } from './environment.js';
import { EventRecords, EventRecordsController } from './event-records/event-records.js';
import { BrokenAnswers } from './faults/broken-answers.js';
import { FaultInterceptor } from './faults/fault.interceptor.js';
import { FaultRegistry, FaultsController } from './faults/faults.js';
import { InspectionController } from './inspection/inspection.controllers.js';
import { Metrics, RedemptionLog, RequestLog } from './inspection/records.js';
import { KeysController, KeyStorage } from './key-storage/key-storage.js';
import { KeystoreController } from './key-storage/keystore.controller.js';
import { RedemptionService, RightsController } from './license-servers/license-servers.js';
import { PlayerController } from './player/player.js';
import { BaseUrl } from './protocol/protocol.js';
import { TokenIssuer } from './token-services/token-issuer.js';
import { TokenServicesController } from './token-services/token-services.controller.js';
import { TokenSealer } from './tokens/token.js';

@Module({})
export class AppModule {
  /**
   * The whole emulator, playing one of ExpressPlay's environments.
   * @param log where log lines go, the standard output by default
   */
  static forEnvironment(environment: Environment, log?: DestinationStream): DynamicModule {
    return {
      module: AppModule,
      imports: [
        configurationModule(Environment, environment),
        loggingModule({
          level: environment.LOG_LEVEL,
          pretty: environment.LOG_FORMAT === 'pretty',
          quietPaths: ['/emulator/health', '/emulator/metrics'],
          stream: log,
        }),
        ClockModule,
      ],
      controllers: [
        TokenServicesController,
        RightsController,
        KeystoreController,
        EventRecordsController,
        PlayerController,
        FaultsController,
        KeysController,
        InspectionController,
      ],
      providers: [
        BaseUrl,
        AccountDirectory,
        AccountService,
        TokenIssuer,
        TokenSealer,
        KeyStorage,
        EventRecords,
        RedemptionService,
        FaultInterceptor,
        FaultRegistry,
        BrokenAnswers,
        Metrics,
        RequestLog,
        RedemptionLog,
      ],
    };
  }
}
