import 'reflect-metadata';
import { loadEnvironment, processEnvironment } from '@app/configuration';
import { runApplication } from '@app/http';
import { AppModule } from './app.module.js';
import { Environment } from './environment.js';
import { BODY_LIMIT_BYTES } from './limits.js';

await runApplication(() => {
  const environment = loadEnvironment(Environment, processEnvironment());
  return {
    name: 'Entitlement',
    module: AppModule.forEnvironment(environment),
    bodyLimitBytes: BODY_LIMIT_BYTES,
    host: environment.HOST,
    port: environment.PORT,
    portVariable: 'PORT',
  };
});
