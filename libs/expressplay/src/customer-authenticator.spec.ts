import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { AUTHENTICATOR } from '../test-support/requests.js';
import { CustomerAuthenticator } from './customer-authenticator.js';

const codeOf = (act: () => unknown): unknown => {
  try {
    act();
    return 'fine';
  } catch (error) {
    expect(inspect(error, { showHidden: true })).not.toContain(AUTHENTICATOR.slice(7, 30));
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

describe('an authenticator', () => {
  it.each([
    ['of the documented form', AUTHENTICATOR, 'fine'],
    ['with its environment', `test:${AUTHENTICATOR}`, 'fine'],
    ['that is empty', '', -2017],
    ['without number', AUTHENTICATOR.slice(6), -2018],
    ['with a digit less', AUTHENTICATOR.slice(0, -1), -2018],
    ['with a line break at its end', `${AUTHENTICATOR}\n`, -2018],
    ['with an environment that there is not', `staging:${AUTHENTICATOR}`, -2018],
    ['with nothing but an environment', 'test:', -2018],
  ])('%s', (_, text, expected) => {
    expect(codeOf(() => CustomerAuthenticator.parse(text))).toBe(expected);
  });

  it.each([
    [AUTHENTICATOR, 'test', 'fine'],
    [AUTHENTICATOR, 'production', 'fine'],
    [`test:${AUTHENTICATOR}`, 'test', 'fine'],
    [`test:${AUTHENTICATOR}`, 'production', -2018],
    [`production:${AUTHENTICATOR}`, 'production', 'fine'],
    [`Production:${AUTHENTICATOR}`, 'test', -2018],
  ] as const)('%s is for %s: %s', (text, environment, expected) => {
    const authenticator = CustomerAuthenticator.parse(text);
    expect(codeOf(() => authenticator.keyFor(environment))).toBe(expected);
    if (expected === 'fine') expect(authenticator.keyFor(environment)).toBe(AUTHENTICATOR);
  });

  it('is the same as another by its key and its environment', () => {
    const [plain, again, labelled] = [AUTHENTICATOR, AUTHENTICATOR, `test:${AUTHENTICATOR}`].map((text) =>
      CustomerAuthenticator.parse(text),
    );
    expect([plain?.equals(again), plain?.equals(labelled), plain?.equals(undefined)]).toEqual([true, false, false]);
  });

  it('is not printed', () => {
    const authenticator = CustomerAuthenticator.parse(AUTHENTICATOR);
    const printed = [inspect({ authenticator }, { showHidden: true, depth: 9 }), JSON.stringify({ authenticator })];
    for (const text of printed) expect(text).toMatch(/^[^\d]*\[hidden\][^\d]*$/);
  });
});
