// Reads the accounts that replace the demo ones from a JSON file, or says everything that is wrong with it.
import { readFileSync } from 'node:fs';
import { InvalidValueError } from '@app/platform/configuration';
import { JsonError, parseJson } from '@app/platform/http';
import type { Account } from './account.js';

/** What one member of an account must be. */
interface Member {
  readonly isValid: (value: unknown) => boolean;
  readonly expected: string;
  /** The value where the member is left out; without one it is required. */
  readonly fallback?: unknown;
}

const SERVICES: readonly unknown[] = ['playready', 'fairplay', 'widevine'];
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);

const MEMBERS: Readonly<Record<keyof Account, Member>> = {
  name: { isValid: matches(/^[\w .-]{1,64}$/), expected: 'a name of 1 to 64 letters, digits, spaces and _ . -' },
  authenticator: { isValid: matches(/^\d+,[0-9A-Fa-f]{32}$/), expected: 'a number, a comma and 32 hex digits' },
  environment: { isValid: matches(/^(?:test|production)$/), expected: 'test or production' },
  disabled: { isValid: isBoolean, expected: 'true or false', fallback: false },
  optionsOff: {
    isValid: (value) => Array.isArray(value) && value.every((service) => SERVICES.includes(service)),
    expected: 'a list of playready, fairplay and widevine',
    fallback: [],
  },
  fairplayAuthorized: { isValid: isBoolean, expected: 'true or false', fallback: true },
  balance: {
    isValid: (value) => value === null || (Number.isSafeInteger(value) && Number(value) >= 0),
    expected: 'an integer of tokens or null',
    fallback: null,
  },
};

/** Reads the file at a path. @throws InvalidValueError naming every problem by its place, never a value */
export function readAccountsFile(path: string): readonly Account[] {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    throw new InvalidValueError('names a file that cannot be read');
  }
  return parseAccounts(bytes);
}

/** Reads a JSON list of accounts. @throws InvalidValueError as `readAccountsFile` */
export function parseAccounts(bytes: Uint8Array): readonly Account[] {
  const list = jsonOf(bytes);
  if (!Array.isArray(list) || list.length === 0) {
    throw new InvalidValueError('names a file that is not a JSON list of accounts, at least one');
  }
  const problems = list.flatMap((account, index) => problemsOf(account, `account ${index + 1}`));
  if (problems.length === 0) problems.push(...repeated(list, 'name'), ...repeated(list, 'authenticator'));
  if (problems.length > 0) throw new InvalidValueError(`names a file with wrong accounts: ${problems.join('; ')}`);
  return list.map(complete);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    // Without the member's name, which may be an authenticator in the wrong place.
    throw new InvalidValueError(`names a file ${error.field === '' ? 'that' : 'with a member that'} ${error.message}`);
  }
}

function problemsOf(account: unknown, place: string): string[] {
  if (typeof account !== 'object' || account === null || Array.isArray(account)) return [`${place} is not an object`];
  const given = new Map(Object.entries(account));
  const wrong = Object.entries(MEMBERS).flatMap(([name, { isValid, expected, fallback }]) => {
    if (!given.has(name)) return fallback === undefined ? [`${place} has no ${name} (${expected})`] : [];
    return isValid(given.get(name)) ? [] : [`${place}: ${name} must be ${expected}`];
  });
  const unknown = [...given.keys()].filter((name) => !Object.hasOwn(MEMBERS, name));
  return unknown.length === 0 ? wrong : [...wrong, `${place} has members that accounts do not have`];
}

function repeated(list: readonly Account[], member: 'name' | 'authenticator'): string[] {
  return list.flatMap((account, index) => {
    const first = list.findIndex((other) => other[member] === account[member]);
    return first < index ? [`account ${index + 1} has the ${member} of account ${first + 1}`] : [];
  });
}

function complete(account: Partial<Account>): Account {
  const fallbacks = Object.entries(MEMBERS).map(([name, { fallback }]) => [name, fallback]);
  // Every member was checked above.
  return { ...Object.fromEntries(fallbacks), ...account } as Account;
}
