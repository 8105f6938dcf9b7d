// The HTTP application with routes of a test in place of the service's own.
import { ClockModule } from '@app/platform/clock';
import { configurationModule, loadEnvironment } from '@app/platform/configuration';
import { fastifyAdapter, type FastifyAdapterOptions, loggingModule } from '@app/platform/http';
import { telemetryModule } from '@app/platform/telemetry';
import { type CanActivate, Global, Module, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { configure } from '../app.js';
import { BearerGuard } from '../auth/bearer.guard.js';
import { Environment } from '../environment.js';
import { OverloadModule } from '../overload.js';
import { REQUIRED_VARIABLES } from './required-variables.js';

/** What a test may want otherwise. */
export interface TestApplicationOptions extends Partial<FastifyAdapterOptions> {
  readonly variables?: Record<string, string>;
  /** Readable lines in place of JSON. */
  readonly pretty?: boolean;
  /** Where they go. */
  readonly lines?: string[];
}

const letIn: CanActivate = { canActivate: () => true };

@Global()
@Module({ providers: [{ provide: BearerGuard, useValue: letIn }], exports: [BearerGuard] })
class OpenDoorModule {}

/** An application that is ready to listen. Everybody is let in. */
export async function testApplication(
  routes: Type,
  { variables = {}, pretty = false, lines = [], ...server }: TestApplicationOptions = {},
): Promise<NestFastifyApplication> {
  const environment = loadEnvironment(Environment, {
    ...REQUIRED_VARIABLES,
    RATE_LIMIT_PER_ADDRESS_PER_MINUTE: '0',
    RATE_LIMIT_MANAGEMENT_PER_MINUTE: '0',
    ...variables,
  });
  const stream = { write: (line: string) => void lines.push(line) };
  const testing = await Test.createTestingModule({
    imports: [
      configurationModule(Environment, environment),
      loggingModule({ level: 'info', pretty, stream }),
      ClockModule,
      telemetryModule({ serviceName: 'test', ratio: 0, untracedRoutes: [] }),
      OpenDoorModule,
      OverloadModule,
      routes,
    ],
  }).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(
    fastifyAdapter({ bodyLimitBytes: 1000, ...server }),
  );
  await configure(app);
  return app;
}
