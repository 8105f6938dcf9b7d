import {
  ConfigurationError,
  describeEnvironment,
  type LiveValue,
  loadEnvironment,
  type SecretFileEvent,
} from '@app/platform/configuration';
import type { CustomerAuthenticator } from '@app/expressplay';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MountedSecrets } from '../../../libs/platform/src/configuration/testing.js';
import { Environment } from './environment.js';
import { HEX, REQUIRED_VARIABLES } from './testing/required-variables.js';

function problems(env: Record<string, string | undefined>): string[] {
  try {
    loadEnvironment(Environment, { ...REQUIRED_VARIABLES, ...env });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message.split('\n');
  }
  return [];
}

describe('Environment', () => {
  it('needs little and has defaults for the rest', () => {
    const environment = loadEnvironment(Environment, REQUIRED_VARIABLES);
    expect(environment).toMatchObject({
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: 3000,
      LOG_LEVEL: 'info',
      DATABASE_POOL_SIZE: 10,
      DATABASE_TIMEOUT_MS: 2000,
      EXPRESSPLAY_ENVIRONMENT: 'test',
      EXPRESSPLAY_PROD_DOMAIN: 'service.expressplay.com',
      EXPRESSPLAY_BASE_URL: undefined,
      EXPRESSPLAY_TIMEOUT_MS: 5000,
      CONTENT_KEY_DELIVERY: 'wrapped',
      AUTH_AUDIENCE: ['bff'],
      AUTH_AUDIENCE_CLAIM: undefined,
      AUTH_SCOPE_CLAIMS: ['scope', 'scp'],
      AUTH_SCOPE_PREFIX: undefined,
      AUTH_ALGORITHMS: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
      MAX_REQUESTS_IN_FLIGHT: 500,
      SHUTDOWN_DRAIN_SECONDS: 5,
      TOKEN_TTL_SECONDS: 300,
      RENTAL_END_RULE: 'either',
      MANAGEMENT_PORT: undefined,
      MANAGEMENT_HOST: '127.0.0.1',
      TRUSTED_PROXIES: undefined,
      CORS_ALLOWED_ORIGINS: undefined,
      RATE_LIMIT_PER_ADDRESS_PER_MINUTE: 600,
      RATE_LIMIT_PER_USER_PER_MINUTE: 120,
      RATE_LIMIT_MANAGEMENT_PER_MINUTE: 6000,
    });
    expect(environment.CONTENT_KEY_KEKS.current.first()).toEqual({
      id: 'demo',
      kek: new Uint8Array(Buffer.from(HEX, 'hex')),
    });
    expect(environment.DATABASE_URL.current).toBe(REQUIRED_VARIABLES.DATABASE_URL);
    expect(environment.EXPRESSPLAY_CUSTOMER_AUTHENTICATOR.current.keyFor('test')).toBe(`201722,${HEX}`);
    expect(environment.EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT.current).toBeUndefined();
    expect(environment.DATABASE_PASSWORD.current).toBeUndefined();
  });

  it.each(Object.keys(REQUIRED_VARIABLES))('requires %s', (name) => {
    expect(problems({ [name]: undefined })).toEqual([expect.stringMatching(new RegExp(`^${name}: is not set`))]);
  });

  it.each([
    ['NODE_ENV', 'canary'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['LOG_LEVEL', 'canary'],
    ['LOG_FORMAT', 'canary'],
    ['DATABASE_URL', 'http://canary'],
    ['DATABASE_URL', 'canary'],
    ['DATABASE_POOL_SIZE', '0'],
    ['DATABASE_TIMEOUT_MS', 'canary'],
    ['EXPRESSPLAY_ENVIRONMENT', 'canary'],
    ['EXPRESSPLAY_PROD_DOMAIN', 'canary.example.com'],
    ['EXPRESSPLAY_BASE_URL', 'ftp://canary'],
    ['EXPRESSPLAY_BASE_URL', 'http://user:canary@host'],
    ['EXPRESSPLAY_BASE_URL', 'http://host?canary'],
    ['EXPRESSPLAY_BASE_URL_IN_PRODUCTION', 'canary'],
    ['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR', `canary,${HEX}`],
    ['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR', `201722,${HEX}0`],
    ['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR', HEX],
    ['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR', `canary:201722,${HEX}`],
    ['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT', `201722,${HEX}0`],
    ['CONTENT_KEY_KEKS', 'canary'],
    ['CONTENT_KEY_DELIVERY', 'canary'],
    ['AUTH_JWKS_URL', 'canary'],
    ['AUTH_JWKS_URL', 'http://canary/jwks.json'],
    ['AUTH_JWKS_URL', 'http://127.canary.example/jwks.json'],
    ['AUTH_JWKS_URL', 'https://user:canary@login.example.com/jwks.json'],
    ['AUTH_JWKS_URL', 'https://login.example.com/jwks.json#canary'],
    ['AUTH_JWKS_URL', 'file://canary/jwks.json'],
    ['AUTH_JWKS_URL', '/canary/jwks.json'],
    ['AUTH_AUDIENCE', ','],
    ['AUTH_SCOPE_CLAIMS', ','],
    ['AUTH_SCOPE_PREFIX', 'canary '],
    ['AUTH_ALGORITHMS', 'RS256,HS256'],
    ['AUTH_ALGORITHMS', 'none'],
    ['AUTH_ALGORITHMS', ','],
    ['MAX_REQUESTS_IN_FLIGHT', '0'],
    ['SHUTDOWN_DRAIN_SECONDS', '-1'],
    ['TOKEN_TTL_SECONDS', '0'],
    ['TOKEN_TTL_SECONDS', '2592001'],
    ['RENTAL_END_RULE', 'canary'],
    ['MANAGEMENT_PORT', '65536'],
    ['TRUSTED_PROXIES', 'canary'],
    ['TRUSTED_PROXIES', '10.0.0.0/8,canary'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '0.0.0.0/0'],
    ['TRUSTED_PROXIES', '::/0'],
    ['TRUSTED_PROXIES', '::ffff:0:0/96'],
    ['TRUSTED_PROXIES', '::ffff:0.0.0.0/96'],
    ['TRUSTED_PROXIES', '0:0:0:0:0:ffff::/96'],
    ['TRUSTED_PROXIES', '::ffff:10.0.0.0/8'],
    ['TRUSTED_PROXIES', 'fe80::1%eth0'],
    ['TRUSTED_PROXIES', 'fe80::%eth0/10'],
    ['CORS_ALLOWED_ORIGINS', '*'],
    ['CORS_ALLOWED_ORIGINS', 'null'],
    ['CORS_ALLOWED_ORIGINS', 'https://*.canary.example'],
    ['CORS_ALLOWED_ORIGINS', 'https://canary.example/'],
    ['CORS_ALLOWED_ORIGINS', 'https://canary.example:443'],
    ['CORS_ALLOWED_ORIGINS', 'canary.example'],
    ['CORS_ALLOWED_ORIGINS', 'ftp://canary.example'],
    ['CORS_ALLOWED_ORIGINS', 'capacitor://canary/'],
    ['RATE_LIMIT_PER_ADDRESS_PER_MINUTE', '-1'],
    ['RATE_LIMIT_PER_USER_PER_MINUTE', '1.5'],
    ['RATE_LIMIT_MANAGEMENT_PER_MINUTE', 'canary'],
  ])('refuses %s=%j, naming it and not its value', (name, value) => {
    const [problem, ...others] = problems({ [name]: value });
    expect(others).toEqual([]);
    expect(problem).toMatch(
      new RegExp(`^${name}: must (be|contain)|^${name}: (each value|\\S+ should not be empty|should not)`),
    );
    expect(problem).not.toMatch(new RegExp(`canary|${HEX}`));
  });

  it.each([
    ['PORT', '0'],
    ['PORT', '65535'],
    ['TOKEN_TTL_SECONDS', '1'],
    ['TOKEN_TTL_SECONDS', '2592000'],
    ['AUTH_JWKS_URL', 'https://login.example.com/jwks.json'],
    ['AUTH_JWKS_URL', 'http://127.0.0.1:9000/jwks.json'],
    ['AUTH_JWKS_URL', 'http://[::1]:9000/jwks.json'],
    ['AUTH_JWKS_URL', 'https://login.example.com/keys?appid=535fb089'],
    ['AUTH_JWKS_URL', 'file:///etc/bff/jwks.json'],
    ['AUTH_AUDIENCE', 'web, tv'],
    ['AUTH_AUDIENCE_CLAIM', 'client_id'],
    ['AUTH_SCOPE_CLAIMS', 'https://shop.example/roles'],
    ['AUTH_SCOPE_PREFIX', 'entitlement/'],
    ['DATABASE_URL', 'postgres://host/db'],
    ['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR', `1,${HEX.toUpperCase()}`],
    ['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR', `test:1,${HEX}`],
    ['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT', `1,${HEX}`],
    ['DATABASE_PASSWORD', 'any: thing'],
    ['AUTH_ALGORITHMS', 'ES512, EdDSA'],
    ['RENTAL_END_RULE', 'start-by'],
    ['EXPRESSPLAY_BASE_URL', 'http://127.0.0.1:3100/'],
    ['TRUSTED_PROXIES', '10.0.0.0/8, 192.0.2.1,fd00::/8'],
    ['TRUSTED_PROXIES', '::ffff:10.0.0.0/104, ::ffff:192.0.2.1, ::ffff:1:2:3/64'],
    ['CORS_ALLOWED_ORIGINS', 'https://player.example.com, http://localhost:8080'],
    ['CORS_ALLOWED_ORIGINS', 'capacitor://localhost,ionic://localhost,http://localhost,https://localhost'],
  ])('takes %s=%j', (name, value) => {
    expect(problems({ [name]: value })).toEqual([]);
  });

  it.each([
    ['API_DOCS_ENABLED', 'false', 'served with management'],
    ['PUBLIC_URL', 'https://canary.example', 'its own host'],
    ['HSTS_MAX_AGE_SECONDS', '0', 'a year when NODE_ENV is production'],
    ['KEEP_ALIVE_TIMEOUT_MS', '72000', '620 seconds'],
    ['EXPRESSPLAY_MAX_CONNECTIONS', '64', 'an eighth of MAX_REQUESTS_IN_FLIGHT'],
    ['AUTH_JWKS_FILE', '/canary', 'name the file in AUTH_JWKS_URL'],
    ['AUTH_JWKS_MAX_STALE_SECONDS', '3600', 'an hour'],
  ])('refuses %s, which was a setting, saying what holds now', (name, value, words) => {
    const found = problems({ [name]: value });
    expect(found).toEqual([expect.stringMatching(`^${name}: is no setting any more .*${words}`)]);
    expect(found.join()).not.toContain('canary');
    expect(problems({ [name]: '' })).toEqual([]);
  });

  it('takes signing keys without TLS where nobody is in danger', () => {
    expect(problems({ NODE_ENV: 'development', AUTH_JWKS_URL: 'http://issuer:9000/jwks.json' })).toEqual([]);
  });

  it.each([
    ['production', undefined, 1],
    ['production', 'allow', 0],
    ['test', undefined, 0],
  ])(
    'in %s with EXPRESSPLAY_BASE_URL_IN_PRODUCTION=%s has %i problems with a base URL',
    (environment, allow, count) => {
      const found = problems({
        EXPRESSPLAY_ENVIRONMENT: environment,
        EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `${environment}:1,${HEX}`,
        EXPRESSPLAY_BASE_URL: 'http://canary:3100',
        EXPRESSPLAY_BASE_URL_IN_PRODUCTION: allow,
      });
      expect(found).toHaveLength(count);
      expect(found.join()).not.toContain('canary');
      if (count > 0) expect(found[0]).toMatch(/^EXPRESSPLAY_BASE_URL: must be unset when/);
    },
  );

  it.each(['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR', 'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT'])(
    'refuses in %s what is for the other environment, or in production for none, at start and in a changed file',
    (variable) => {
      const mount = new MountedSecrets({ key: `test:1,${HEX}` });
      try {
        expect(problems({ [variable]: `production:1,${HEX}` })).toEqual([
          `${variable}: is for the production environment, but EXPRESSPLAY_ENVIRONMENT is test`,
        ]);
        const production = {
          EXPRESSPLAY_ENVIRONMENT: 'production',
          EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `production:1,${HEX}`,
        };
        expect(problems({ ...production, [variable]: `test:1,${HEX}` })).toEqual([
          `${variable}: is for the test environment, but EXPRESSPLAY_ENVIRONMENT is production`,
        ]);
        expect(problems({ ...production, [variable]: `1,${HEX}` })).toEqual([
          `${variable}: must begin with production: when EXPRESSPLAY_ENVIRONMENT is production`,
        ]);
        expect(problems({ ...production, [variable]: `production:1,${HEX}` })).toEqual([]);

        const events: SecretFileEvent[] = [];
        const files = { [variable]: undefined, [`${variable}_FILE`]: mount.path('key') };
        const listener = (event: SecretFileEvent): unknown => events.push(event);
        const environment = loadEnvironment(Environment, { ...REQUIRED_VARIABLES, ...files }, { listener });
        const secret = Reflect.get(environment, variable) as LiveValue<CustomerAuthenticator>;
        mount.swap({ key: `production:2,${HEX}` });
        expect(secret.refresh().keyFor('test')).toBe(`1,${HEX}`);
        expect(events).toMatchObject([{ variable: `${variable}_FILE`, outcome: 'refused' }]);
      } finally {
        mount.remove();
      }
    },
  );

  it('reports everything at once and no value', () => {
    const names = describeEnvironment(Environment).map(({ name }) => name);
    const canaries = Object.fromEntries(names.map((name) => [name, `canary-${name}`]));
    const found = problems(canaries);
    const words = ['MANAGEMENT_HOST', 'HOST', 'AUTH_ISSUER', 'AUTH_AUDIENCE'];
    const claims = ['AUTH_AUDIENCE_CLAIM', 'AUTH_SCOPE_CLAIMS', 'AUTH_SCOPE_PREFIX'];
    const free = ['DATABASE_PASSWORD', ...words, ...claims];
    const named = new Set(found.map((line) => line.slice(0, line.indexOf(':'))));
    expect([...named]).toEqual(names.filter((name) => !free.includes(name)));
    expect(found.join('\n')).not.toContain('canary');
  });

  it.each(['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR', 'CONTENT_KEY_KEKS', 'DATABASE_URL'] as const)(
    'reads %s from a file',
    (name) => {
      const folder = mkdtempSync(join(tmpdir(), 'environment-'));
      try {
        writeFileSync(join(folder, 'secret'), `${REQUIRED_VARIABLES[name]}\n`);
        expect(problems({ [name]: undefined, [`${name}_FILE`]: join(folder, 'secret') })).toEqual([]);
        expect(problems({ [`${name}_FILE`]: join(folder, 'secret') })).toHaveLength(1);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );

  it('describes every variable in one sentence and marks the secrets', () => {
    const described = describeEnvironment(Environment);
    for (const { description } of described) expect(description).toMatch(/^[^\n]+\.$/);
    expect(described.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
      'DATABASE_URL',
      'DATABASE_PASSWORD',
      'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR',
      'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT',
      'CONTENT_KEY_KEKS',
    ]);
  });
});
