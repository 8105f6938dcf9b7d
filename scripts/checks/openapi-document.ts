// Builds the API's document from the service's modules, without starting it: no port, no database, no keys.
import 'reflect-metadata';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { loadEnvironment } from '@app/platform/configuration';
import { AppModule } from '../../apps/entitlement/src/app.module.js';
import { Environment } from '../../apps/entitlement/src/environment.js';
import { buildDocument, type OpenApiDocument } from '../../apps/entitlement/src/openapi/document.js';
import { routesOf } from '../../apps/entitlement/src/openapi/routes.js';

/** What the environment demands; nothing of it is ever used. */
const SETTINGS = {
  NODE_ENV: 'test',
  DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/nothing',
  EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `1,${'0'.repeat(32)}`,
  CONTENT_KEY_KEKS: `none=${'0'.repeat(32)}`,
  AUTH_ISSUER: 'https://issuer.invalid/',
  AUTH_AUDIENCE: 'nobody',
  AUTH_JWKS_FILE: '/nonexistent/jwks.json',
};

/**
 * The document as the code has it.
 * @throws Error naming the routes that do not say what they do
 */
export async function documentOfCode(): Promise<OpenApiDocument> {
  const module = AppModule.forEnvironment(loadEnvironment(Environment, SETTINGS));
  // A preview resolves the modules and makes none of their parts.
  const context = await NestFactory.createApplicationContext(module, { preview: true, logger: false });
  const routes = routesOf(context.get(ModulesContainer));
  const silent = routes.filter(({ operation }) => operation === undefined).map(({ handler }) => handler);
  if (silent.length > 0) throw new Error(`These routes have no @Operation(): ${silent.join(', ')}`);
  return buildDocument(routes);
}
