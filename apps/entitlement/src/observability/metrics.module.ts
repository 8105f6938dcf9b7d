// Figures for Prometheus, one registry for each application. The rest of the service does not know that it is counted.
import { Module } from '@nestjs/common';
import { Registry } from 'prom-client';
import { AuthModule } from '../auth/auth.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { LicenseTokensModule } from '../license-tokens/license-tokens.module.js';
import { BuildMetrics } from './build.metrics.js';
import { DatabaseMetrics } from './database.metrics.js';
import { ExpressPlayMetrics } from './expressplay.metrics.js';
import { HttpMetrics } from './http.metrics.js';
import { LedgerMetrics } from './ledger.metrics.js';
import { MetricsController } from './metrics.controller.js';
import { SigningKeyMetrics } from './signing-keys.metrics.js';
import { StageMetrics } from './stages.metrics.js';
import { TokenMetrics } from './token.metrics.js';

@Module({
  imports: [AuthModule, LedgerModule, LicenseTokensModule],
  controllers: [MetricsController],
  providers: [
    { provide: Registry, useFactory: () => new Registry() },
    BuildMetrics,
    DatabaseMetrics,
    ExpressPlayMetrics,
    HttpMetrics,
    LedgerMetrics,
    SigningKeyMetrics,
    StageMetrics,
    TokenMetrics,
  ],
})
export class MetricsModule {}
