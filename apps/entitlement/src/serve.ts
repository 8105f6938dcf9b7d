import 'reflect-metadata';
import { loadEnvironment, processEnvironment } from '@app/platform/configuration';
import { runApplication } from '@app/platform/http';
import { logUncaughtErrors } from '@app/platform/problems';
import { applicationSpec } from './app.js';
import { Environment } from './environment.js';

logUncaughtErrors();
await runApplication(() => applicationSpec(loadEnvironment(Environment, processEnvironment())));
