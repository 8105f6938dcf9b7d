// The table of contents: one line a feature.
import { Module, type DynamicModule } from '@nestjs/common';
import type { DestinationStream } from 'pino';
import { ClockModule } from '@app/platform/clock';
import { configurationModule } from '@app/platform/configuration';
import { DatabaseModule } from '@app/platform/database';
import { loggingModule } from '@app/platform/http';
import { AuthModule } from './auth/auth.module.js';
import { currentDatabaseUrl } from './environment/database.js';
import { CatalogModule } from './catalog/catalog.module.js';
import { EntitlementsModule } from './entitlements/entitlements.module.js';
import { Environment } from './environment.js';
import { HealthModule } from './health/health.module.js';
import { OpenApiModule } from './openapi/openapi.controller.js';
import { OverloadModule } from './overload.js';
import { LicenseTokensModule } from './license-tokens/license-tokens.module.js';
import { ObservabilityModule } from './observability/observability.module.js';
import { PurchasesModule } from './purchases/purchases.module.js';

@Module({})
export class AppModule {
  /** @param log where log lines go, the standard output by default */
  static forEnvironment(environment: Environment, log?: DestinationStream): DynamicModule {
    return {
      module: AppModule,
      imports: [
        configurationModule(Environment, environment),
        loggingModule({ level: environment.LOG_LEVEL, pretty: isPretty(environment), stream: log }),
        DatabaseModule.forRoot({
          url: () => currentDatabaseUrl(environment),
          poolSize: environment.DATABASE_POOL_SIZE,
          timeoutMs: environment.DATABASE_TIMEOUT_MS,
          writable: true,
        }),
        ClockModule,
        ObservabilityModule.forEnvironment(environment),
        AuthModule,
        CatalogModule,
        PurchasesModule,
        OverloadModule,
        EntitlementsModule,
        LicenseTokensModule,
        HealthModule,
        OpenApiModule,
      ],
    };
  }
}

function isPretty({ LOG_FORMAT: format, NODE_ENV: kind }: Environment): boolean {
  return format === undefined ? kind === 'development' : format === 'pretty';
}
