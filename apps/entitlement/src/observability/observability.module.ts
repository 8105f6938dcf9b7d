// Metrics, traces, and what the rest of the service is observed with. One registry for each application.
import { type DynamicModule, Module } from '@nestjs/common';
import { Registry } from 'prom-client';
import { telemetryModule } from '@app/platform/telemetry';
import { AuthModule } from '../auth/auth.module.js';
import { buildVersion } from '../build-version.js';
import type { Environment } from '../environment.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { LicenseTokensModule } from '../license-tokens/license-tokens.module.js';
import { Exchanges } from './exchanges.js';
import { Gauges } from './gauges.js';
import { HttpMetrics } from './http.metrics.js';
import { MetricsController } from './metrics.controller.js';
import { Recorder } from './recorder.js';
import { Stages } from './stages.js';

/** Requests of machines that ask again and again, or read what is the same for everybody. */
const UNTRACED_ROUTES = ['/health', '/metrics', '/docs', '/openapi.json'];

@Module({})
export class ObservabilityModule {
  /** Traces are off unless a collector is configured. */
  static forEnvironment(environment: Environment): DynamicModule {
    const telemetry = telemetryModule({
      endpoint: environment.OTEL_EXPORTER_OTLP_ENDPOINT,
      serviceName: 'expressplay-entitlement-bff',
      serviceVersion: buildVersion(),
      ratio: environment.OTEL_TRACES_SAMPLER_ARG,
      untracedRoutes: UNTRACED_ROUTES,
    });
    return {
      module: ObservabilityModule,
      global: true,
      imports: [telemetry, AuthModule, LedgerModule, LicenseTokensModule],
      controllers: [MetricsController],
      providers: [
        { provide: Registry, useFactory: () => new Registry() },
        Stages,
        Recorder,
        Exchanges,
        Gauges,
        HttpMetrics,
      ],
      exports: [Stages, Recorder, Exchanges],
    };
  }
}
