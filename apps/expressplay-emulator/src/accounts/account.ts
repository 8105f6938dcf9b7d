// ExpressPlay accounts by the customer authenticators that stand for them: those of a file, or else the demo ones.
import { readFileSync } from 'node:fs';
import type { TokenService } from '@app/expressplay';
import { InvalidValueError } from '@app/platform/configuration';
import { JsonError, parseJson } from '@app/platform/http';
import { plainToInstance } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, Matches, Max, Min, ValidateIf, validateSync } from 'class-validator';

/** The environment that an authenticator belongs to: an account has one for each. */
export type AccountEnvironment = 'test' | 'production';

const SERVICES = ['playready', 'fairplay', 'widevine'];

const YES_OR_NO = { message: 'true or false' };
const OPTIONS = { message: 'a list of playready, fairplay and widevine' };
const BALANCE = { message: 'an integer of tokens or null' };

/** A service account as one environment sees it, as a file says it. The messages are what each member must be. */
export class Account {
  /** What people call it; unique, and no secret. */
  @Matches(/^[\w .-]{1,64}$/, { message: 'a name of 1 to 64 letters, digits, spaces and _ . -' })
  readonly name!: string;

  /** `<number>,<32 hex digits>` */
  @Matches(/^\d+,[0-9A-Fa-f]{32}$/, { message: 'a number, a comma and 32 hex digits' })
  readonly authenticator!: string;

  @IsIn(['test', 'production'], { message: 'test or production' })
  readonly environment!: AccountEnvironment;

  /** A disabled account gets -2031. */
  @IsBoolean(YES_OR_NO)
  readonly disabled: boolean = false;

  /** The DRM options that are switched off: -5002, -6009, -7011. */
  @IsArray(OPTIONS)
  @IsIn(SERVICES, { ...OPTIONS, each: true })
  readonly optionsOff: readonly TokenService[] = [];

  /** An account without FairPlay authorisation gets -6006 from FairPlay. */
  @IsBoolean(YES_OR_NO)
  readonly fairplayAuthorized: boolean = true;

  /** Whether it may ask only for what the tables of 2018 have: Widevine `generalFlags` of `0000` alone, HDCP 0 to 2. */
  @IsBoolean(YES_OR_NO)
  readonly publishedTables: boolean = false;

  /** When a token is charged for: at its issue, or when it is first redeemed. */
  @IsIn(['issue', 'redemption'], { message: 'issue or redemption' })
  readonly charge: 'issue' | 'redemption' = 'issue';

  /** How many tokens it may buy, after which it gets -2019; null for any number. */
  @ValidateIf(({ balance }: Account) => balance !== null)
  @IsInt(BALANCE)
  @Min(0, BALANCE)
  @Max(Number.MAX_SAFE_INTEGER, BALANCE)
  readonly balance: number | null = null;
}

/** An account of the test environment that nothing is wrong with but what is said. */
const account = (name: string, authenticator: string, changes: Partial<Account> = {}): Account =>
  Object.assign(new Account(), { name, authenticator, environment: 'test', ...changes });

/**
 * A good account for each environment, then one for every way in which an account is refused, all of the test
 * environment. The first one's authenticator is that of ExpressPlay's published sample; none of them is a secret.
 */
export const DEMO_ACCOUNTS: readonly Account[] = [
  account('good', '201722,1ad8eed133edf43cbcc185f0236828ae'),
  account('good-production', '201722,7f0c5b9e2d6a41388c94e0b7d15a63f2', { environment: 'production' }),
  account('disabled', '201723,d15ab1ed000000000000000000000001', { disabled: true }),
  account('no-balance', '201724,ba1a4ce0000000000000000000000000', { balance: 0 }),
  account('counts-down', '201725,ba1a4ce0000000000000000000000003', { balance: 3 }),
  account('playready-off', '201726,0ff00000000000000000000000000001', { optionsOff: ['playready'] }),
  account('fairplay-off', '201727,0ff00000000000000000000000000002', { optionsOff: ['fairplay'] }),
  account('widevine-off', '201728,0ff00000000000000000000000000003', { optionsOff: ['widevine'] }),
  account('no-fairplay-authorization', '201729,0ff00000000000000000000000000004', { fairplayAuthorized: false }),
  account('published-tables', '201730,7ab1e500000000000000000000002018', { publishedTables: true }),
  account('charged-when-redeemed', '201731,ba1a4ce0000000000000000000000001', { balance: 1, charge: 'redemption' }),
];

/** Reads a JSON list of accounts from a file. @throws InvalidValueError naming every problem by its place, never a value */
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
  const problems = list.flatMap((given, index) => problemsOf(given, `account ${index + 1}`));
  if (problems.length === 0) problems.push(...repeated(list, 'name'), ...repeated(list, 'authenticator'));
  if (problems.length > 0) throw new InvalidValueError(`names a file with wrong accounts: ${problems.join('; ')}`);
  return plainToInstance(Account, list);
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

function problemsOf(given: unknown, place: string): string[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return [`${place} is not an object`];
  const errors = validateSync(plainToInstance(Account, given), { whitelist: true, forbidNonWhitelisted: true });
  const problems = errors.map(({ property, value, constraints = {} }) => {
    if (constraints.whitelistValidation !== undefined) return `${place} has members that accounts do not have`;
    const [expected] = Object.values(constraints);
    return value === undefined
      ? `${place} has no ${property} (${expected})`
      : `${place}: ${property} must be ${expected}`;
  });
  return [...new Set(problems)];
}

function repeated(list: readonly Account[], member: 'name' | 'authenticator'): string[] {
  return list.flatMap((given, index) => {
    const first = list.findIndex((other) => other[member] === given[member]);
    return first < index ? [`account ${index + 1} has the ${member} of account ${first + 1}`] : [];
  });
}
