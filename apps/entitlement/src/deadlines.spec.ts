import { loadEnvironment } from '@app/platform/configuration';
import { describe, expect, it } from 'vitest';
import { answerTimeoutMs } from './deadlines.js';
import { Environment } from './environment.js';
import { REQUIRED_VARIABLES } from './testing/required-variables.js';

const load = (env: Record<string, string>) => loadEnvironment(Environment, { ...REQUIRED_VARIABLES, ...env });

describe('the time that an answer may take', () => {
  it.each([
    ['the body, the keys, ExpressPlay and Postgres', 28_000, {}],
    ['a longer wait for ExpressPlay', 29_000, { EXPRESSPLAY_TIMEOUT_MS: '6000' }],
    ['a longer wait for Postgres', 33_000, { DATABASE_TIMEOUT_MS: '3000' }],
    ['keys in a file', 25_000, { AUTH_JWKS_URL: 'file:///jwks.json' }],
  ])('is more than a token can take, with %s', (_, longest, env) => {
    expect(answerTimeoutMs(load(env))).toBeGreaterThan(longest);
  });

  it('is less than load balancers wait', () => {
    const longest = load({ EXPRESSPLAY_TIMEOUT_MS: '20000', DATABASE_TIMEOUT_MS: '4000' });
    expect(answerTimeoutMs(longest)).toBeLessThanOrEqual(55_000);
    expect(() => load({ EXPRESSPLAY_TIMEOUT_MS: '20001', DATABASE_TIMEOUT_MS: '4000' })).toThrow(
      /^EXPRESSPLAY_TIMEOUT_MS: must be at most 40000 .*DATABASE_TIMEOUT_MS/,
    );
  });
});
