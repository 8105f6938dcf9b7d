// Tracing for a whole application.
import { type DynamicModule, Module } from '@nestjs/common';
import { Tracing, type TracingOptions } from './tracing.js';

@Module({})
class TelemetryModule {}

/** The global module that has `Tracing`; the exporter is started with the application and ends with it. */
export function telemetryModule(options: TracingOptions): DynamicModule {
  return {
    module: TelemetryModule,
    global: true,
    providers: [{ provide: Tracing, useFactory: () => Tracing.start(options) }],
    exports: [Tracing],
  };
}
