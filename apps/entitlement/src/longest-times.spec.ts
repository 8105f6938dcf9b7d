import { loadEnvironment } from '@app/platform/configuration';
import { describe, expect, it } from 'vitest';
import { Environment } from './environment.js';
import { REQUIRED_VARIABLES } from './testing/required-variables.js';

describe('the time that an answer may take', () => {
  it.each([
    ['the body, the keys, ExpressPlay twice and Postgres', 33_000, {}],
    ['a longer wait for ExpressPlay', 35_000, { EXPRESSPLAY_TIMEOUT_MS: '6000' }],
    ['a longer wait for Postgres', 38_000, { DATABASE_TIMEOUT_MS: '3000' }],
    ['a longer wait for the keys', 34_000, { AUTH_JWKS_TIMEOUT_MS: '4000' }],
    ['keys in a file', 30_000, { AUTH_JWKS_URL: '', AUTH_JWKS_FILE: '/jwks.json' }],
    ['a shorter wait for the body', 24_000, { REQUEST_RECEIVE_TIMEOUT_MS: '1000' }],
  ])('is more than a token can take, with %s', (_, longest, env) => {
    const load = (milliseconds: number) => () =>
      loadEnvironment(Environment, { ...REQUIRED_VARIABLES, ...env, REQUEST_ANSWER_TIMEOUT_MS: String(milliseconds) });
    expect(load(longest + 1)).not.toThrow();
    expect(load(longest)).toThrow(/^REQUEST_ANSWER_TIMEOUT_MS: must be more than .*EXPRESSPLAY_TIMEOUT_MS/);
  });
});
