// Traces: off unless a collector is configured.
import { type DynamicModule, Module } from '@nestjs/common';
import { telemetryModule } from '@app/platform/telemetry';
import type { Environment } from '../environment.js';
import { buildVersion } from '../build-version.js';
import { StageSpans } from './stage-spans.js';

/** Requests of machines that ask again and again, or read what is the same for everybody. */
const UNTRACED_ROUTES = ['/health', '/metrics', '/docs', '/openapi.json'];

@Module({})
export class TracingModule {
  static forEnvironment(environment: Environment): DynamicModule {
    const telemetry = telemetryModule({
      endpoint: environment.OTEL_EXPORTER_OTLP_ENDPOINT,
      serviceName: environment.OTEL_SERVICE_NAME,
      serviceVersion: buildVersion(),
      ratio: environment.OTEL_TRACES_SAMPLER_ARG,
      untracedRoutes: UNTRACED_ROUTES,
    });
    return { module: TracingModule, imports: [telemetry], providers: [StageSpans] };
  }
}
