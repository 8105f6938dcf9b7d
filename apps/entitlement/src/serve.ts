import 'reflect-metadata';
import { loadEnvironment, processEnvironment } from '@app/configuration';
import { runApplication } from '@app/http';
import { tellUncaughtErrors } from '@app/problems';
import { applicationSpec } from './application-spec.js';
import { Environment } from './environment.js';

tellUncaughtErrors();
await runApplication(() => applicationSpec(loadEnvironment(Environment, processEnvironment())));
