// What commands that ask ExpressPlay's account API (key storage, record retrieval) need to be told.
import { type AccountApiOptions, ExpressPlayError } from '@app/expressplay';
import { composedOf, Rule } from '@app/platform/configuration';
import { DatabaseEnvironment } from '../environment/database.js';
import {
  authenticatorsOf,
  authenticatorsOfTheEnvironment,
  baseUrlInProduction,
  connectTimeoutMs,
  ExpressPlayEnvironment,
  expressPlayLocation,
} from '../environment/expressplay.js';
import { unavailable } from './terminal/exit-codes.js';

/** The variables of the database and of ExpressPlay, as the service has them. */
@Rule<AccountApiEnvironment>(baseUrlInProduction)
@Rule<AccountApiEnvironment>(authenticatorsOfTheEnvironment)
export class AccountApiEnvironment extends composedOf(DatabaseEnvironment, ExpressPlayEnvironment) {}

/** A list of a whole account takes longer than a token. */
const LONGEST_ANSWER_MS = 60_000;

export function accountApiOptions(settings: ExpressPlayEnvironment): AccountApiOptions {
  return {
    ...expressPlayLocation(settings),
    customerAuthenticator: authenticatorsOf(settings),
    connectTimeoutMs: connectTimeoutMs(settings),
    timeoutMs: LONGEST_ANSWER_MS,
    maxConnections: 1,
  };
}

/** Makes a failure of ExpressPlay's one of the command (exit code 3). @throws whatever else is thrown */
export function answerOf<T>(asked: Promise<T>): Promise<T> {
  return asked.catch((error: unknown) => {
    throw error instanceof ExpressPlayError ? unavailable(failureText(error)) : error;
  });
}

/** What went wrong, in words that hold no secret. */
export function failureText(error: ExpressPlayError): string {
  const excerpt = 'excerpt' in error && typeof error.excerpt === 'string' ? error.excerpt : '';
  return excerpt === '' ? `${error.message}.` : `${error.message}: ${excerpt}`;
}
