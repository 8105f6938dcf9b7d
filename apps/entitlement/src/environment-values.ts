// Formats of environment variables that are more than numbers and words.
import { InvalidValueError } from '@app/platform/configuration';
import { CustomerAuthenticator, InvalidTokenRequestError } from '@app/expressplay';
import { IsInt, Max, Min } from 'class-validator';

/** An http or https URL without credentials, query and fragment. Answers with the text as it is. */
export function httpUrl(text: string): string {
  if (!isPlainUrl(text) || new URL(text).search !== '') {
    throw new InvalidValueError('must be an http or https URL without credentials, query and fragment');
  }
  return text;
}

/** An http or https URL without credentials and fragment. Answers with the text as it is. */
export function httpUrlWithQuery(text: string): string {
  if (!isPlainUrl(text)) throw new InvalidValueError('must be an http or https URL without credentials and fragment');
  return text;
}

function isPlainUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    [url.username, url.password, url.hash].every((part) => part === '')
  );
}

/** Whether a URL leads to this machine itself. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}

/** How tools write the schema into a connection string. Prisma's own example says `schema=public`. */
const SCHEMA_PARAMETERS = ['schema', 'currentSchema', 'search_path'];

/** A connection string of PostgreSQL. */
export function postgresUrl(secret: Buffer): string {
  const text = secret.toString();
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol)) {
    throw new InvalidValueError('must be a URL postgresql://user:password@host:port/database');
  }
  const { searchParams } = new URL(text);
  const isElsewhere = SCHEMA_PARAMETERS.some((name) => searchParams.getAll(name).some((schema) => schema !== 'public'));
  if (isElsewhere || /search_path/i.test(searchParams.get('options') ?? '')) {
    throw new InvalidValueError('must name no schema or search_path in its query: the tables are in the schema public');
  }
  return text;
}

/** A password. */
export function password(secret: Buffer): string {
  return secret.toString();
}

/** ExpressPlay's customer authenticator: the table "Token parameters" of its interface. */
export function customerAuthenticator(secret: Buffer): CustomerAuthenticator {
  try {
    return CustomerAuthenticator.parse(secret.toString());
  } catch (error) {
    if (!(error instanceof InvalidTokenRequestError)) throw error;
    throw new InvalidValueError(
      'must be a number, a comma and 32 hex digits, with test: or production: in front or not',
    );
  }
}

/** A whole number between two bounds, both included. */
export function IsWholeNumber(least: number, most: number): PropertyDecorator {
  const message = `must be a whole number from ${least} to ${most}`;
  return (prototype: object, key: string | symbol) => {
    for (const check of [IsInt({ message }), Min(least, { message }), Max(most, { message })]) check(prototype, key);
  };
}
