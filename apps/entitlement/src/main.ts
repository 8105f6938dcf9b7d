import 'reflect-metadata';
import { loadEnvironment, processEnvironment } from '@app/configuration';
import { runApplication } from '@app/http';
import { applicationSpec } from './application-spec.js';
import { Environment } from './environment.js';

await runApplication(() => applicationSpec(loadEnvironment(Environment, processEnvironment())));
