import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError, loadEnvironment } from '@app/platform/configuration';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Environment } from '../environment.js';
import { randomHex } from '../testing/valid-requests.js';
import { DEMO_ACCOUNTS, parseAccounts } from './account.js';

const SECRET = randomHex(16);
const LEAST = { name: 'mine', authenticator: `7,${SECRET}`, environment: 'test' };

const parse = (accounts: unknown) =>
  parseAccounts(Buffer.from(typeof accounts === 'string' ? accounts : JSON.stringify(accounts)));

function problemOf(accounts: unknown): string {
  try {
    parse(accounts);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return 'none';
}

describe('a file of accounts', () => {
  it('may leave out what makes an account a good one', () => {
    expect(parse([LEAST])).toEqual([
      {
        ...LEAST,
        disabled: false,
        optionsOff: [],
        fairplayAuthorized: true,
        balance: null,
        publishedTables: false,
        charge: 'issue',
      },
    ]);
  });

  it('can say all that the demo accounts say', () => {
    expect(parse(DEMO_ACCOUNTS)).toEqual(DEMO_ACCOUNTS);
  });

  const wrong: [string, unknown, string][] = [
    ['no JSON', '[{"authenticator": 7', 'that is not valid JSON'],
    ['a member twice', `[{"${SECRET}":1,"${SECRET}":2}]`, 'with a member that is given twice'],
    ['no list', { accounts: [] }, 'is not a JSON list of accounts'],
    ['an empty list', [], 'at least one'],
    ['no object', ['x'], 'account 1 is not an object'],
    ['a list as an account', [[]], 'account 1 is not an object'],
    ['no name', [{ ...LEAST, name: undefined }], 'account 1 has no name'],
    ['no authenticator', [LEAST, { ...LEAST, authenticator: undefined }], 'account 2 has no authenticator'],
    ['a short authenticator', [{ ...LEAST, authenticator: '7,abc' }], 'account 1: authenticator must be a number, a'],
    ['an unknown environment', [{ ...LEAST, environment: 'staging' }], 'environment must be test or production'],
    ['disabled as a text', [{ ...LEAST, disabled: 'no' }], 'disabled must be true or false'],
    ['an unknown option', [{ ...LEAST, optionsOff: ['primetime'] }], 'optionsOff must be a list of'],
    ['a negative balance', [{ ...LEAST, balance: -1 }], 'balance must be an integer of tokens or null'],
    ['half a token', [{ ...LEAST, balance: 0.5 }], 'balance must be an integer'],
    ['an unknown member', [{ ...LEAST, [SECRET]: 1 }], 'account 1 has members that accounts do not have'],
    ['a name twice', [LEAST, { ...LEAST, authenticator: `8,${SECRET}` }], 'account 2 has the name of account 1'],
    ['an authenticator twice', [LEAST, { ...LEAST, name: 'b' }], 'account 2 has the authenticator of account 1'],
  ];
  it.each(wrong)('with %s is refused, without any of its values', (_what, accounts, expected) => {
    const problem = problemOf(accounts);
    expect(problem).toContain('InvalidValueError: names a file');
    expect(problem).toContain(expected);
    expect(problem).not.toContain(SECRET);
  });

  it('is told everything that is wrong at once', () => {
    const problem = problemOf([{ ...LEAST, name: '' }, { balance: 'x' }]);
    expect(problem.match(/account \d/g)).toHaveLength(5);
  });
});

describe('EMULATOR_ACCOUNTS_FILE', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'emulator-accounts-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('names the file of the accounts', () => {
    const file = join(folder, 'good.json');
    writeFileSync(file, JSON.stringify([LEAST]));
    const environment = loadEnvironment(Environment, { EMULATOR_ACCOUNTS_FILE: file });
    expect(environment.EMULATOR_ACCOUNTS_FILE).toMatchObject([LEAST]);
    expect(JSON.stringify(environment)).not.toContain(SECRET);
  });

  it('is named when its file cannot be read', () => {
    const load = () => loadEnvironment(Environment, { EMULATOR_ACCOUNTS_FILE: join(folder, 'none.json') });
    expect(load).toThrow(ConfigurationError);
    expect(load).toThrow(/^EMULATOR_ACCOUNTS_FILE: names a file that cannot be read/);
  });
});
