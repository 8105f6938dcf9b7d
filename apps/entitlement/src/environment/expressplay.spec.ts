import { loadEnvironment } from '@app/platform/configuration';
import { describe, expect, it } from 'vitest';
import { Environment } from '../environment.js';
import { REQUIRED_VARIABLES } from '../testing/required-variables.js';
import { connectTimeoutMs, licenseHosts } from './expressplay.js';

const HEX = '0'.repeat(32);
const load = (env: Record<string, string>) => loadEnvironment(Environment, { ...REQUIRED_VARIABLES, ...env });

describe('what is derived from the settings of ExpressPlay', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['ExpressPlay itself', {}, []],
    ['an emulator', { EXPRESSPLAY_BASE_URL: 'http://emulator:3100' }, ['localhost']],
    [
      'something else in production',
      {
        EXPRESSPLAY_ENVIRONMENT: 'production',
        EXPRESSPLAY_BASE_URL: 'https://expressplay.internal',
        EXPRESSPLAY_BASE_URL_IN_PRODUCTION: 'allow',
        EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `production:1,${HEX}`,
      },
      [],
    ],
  ])('further licence hosts with %s', (_, env, hosts) => {
    expect(licenseHosts(load(env))).toEqual(hosts);
  });

  it.each([
    ['300', 300],
    ['1500', 1000],
    ['5000', 1000],
    ['10000', 2000],
  ])('of %s ms for an answer, so many for a connection: %s', (timeout, connect) => {
    expect(connectTimeoutMs(load({ EXPRESSPLAY_TIMEOUT_MS: timeout }))).toBe(connect);
  });
});
