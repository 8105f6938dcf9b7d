// The environment of a test's service, as a command beside it has it.
import { inject } from 'vitest';
import { AUDIENCE, ISSUER } from '../support/issuer.js';
import { AUTHENTICATOR, type TestService } from '../support/test-service.js';

export function serviceVariables({ wires, database, issuer }: TestService): Record<string, string> {
  const databaseUrl = new URL(database.url);
  databaseUrl.host = `127.0.0.1:${wires.postgres.port}`;
  return {
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl.href,
    EXPRESSPLAY_ENVIRONMENT: 'test',
    EXPRESSPLAY_BASE_URL: `http://127.0.0.1:${wires.emulator.port}`,
    EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: AUTHENTICATOR,
    CONTENT_KEY_KEKS: `test=${inject('kek')}`,
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_JWKS_URL: issuer.jwksUrl,
  };
}
