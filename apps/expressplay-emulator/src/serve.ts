import { loadEnvironment, processEnvironment } from '@app/platform/configuration';
import { runApplication } from '@app/platform/http';
import { tellUncaughtErrors } from '@app/platform/problems';
import 'reflect-metadata';
import { AppModule } from './app.module.js';
import { Environment } from './environment.js';
import { CROSS_ORIGIN } from './protocol/protocol.js';

/** Largest body of the control endpoints; the token services have a limit of their own. */
const BODY_LIMIT_BYTES = 64 * 1024;

tellUncaughtErrors();
await runApplication(() => {
  const environment = loadEnvironment(Environment, processEnvironment());
  return {
    name: `ExpressPlay emulator (${environment.EMULATOR_ENVIRONMENT})`,
    module: AppModule.forEnvironment(environment),
    bodyLimitBytes: BODY_LIMIT_BYTES,
    crossOrigin: CROSS_ORIGIN,
    host: environment.EMULATOR_HOST,
    port: environment.EMULATOR_PORT,
    portVariable: 'EMULATOR_PORT',
  };
});
