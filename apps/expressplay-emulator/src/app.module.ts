// The emulator's table of contents.
import { ClockModule } from '@app/platform/clock';
import { configurationModule } from '@app/platform/configuration';
import { loggingModule } from '@app/platform/http';
import { type DynamicModule, Module } from '@nestjs/common';
import type { DestinationStream } from 'pino';
import { Environment } from './environment.js';
import { InspectionModule } from './inspection/inspection.module.js';
import { LicenseServersModule } from './license-servers/license-servers.module.js';
import { TokenServicesModule } from './token-services/token-services.module.js';

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
        TokenServicesModule,
        LicenseServersModule,
        InspectionModule,
      ],
    };
  }
}
