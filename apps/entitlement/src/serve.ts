import 'reflect-metadata';
import { loadEnvironment, processEnvironment } from '@app/platform/configuration';
import { runApplication } from '@app/platform/http';
import { tellUncaughtErrors } from '@app/platform/problems';
import { applicationSpec } from './application-spec.js';
import { Environment } from './environment.js';

tellUncaughtErrors();
await runApplication(() => applicationSpec(loadEnvironment(Environment, processEnvironment())));
