// Fields whose values never reach a log, whoever puts them into one.

/** Names of secrets, as code, headers, ExpressPlay's parameters and the environment spell them. */
const SECRET_NAMES = [
  'authorization',
  'Authorization',
  'cookie',
  'set-cookie',
  'password',
  'secret',
  'customerAuthenticator',
  'authenticator',
  'contentKey',
  'kek',
  'keks',
  'ek',
  'token',
  'bearerToken',
  'accessToken',
  'licenseUrl',
  'ExpressPlayToken',
  'body',
  'CONTENT_KEY_KEKS',
  'DATABASE_URL',
  'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR',
] as const;

/** Paths for pino's `redact`: every secret name at the top of a log line and up to two objects deep. */
export const REDACTED_PATHS: readonly string[] = SECRET_NAMES.flatMap((name) => [
  `["${name}"]`,
  `*["${name}"]`,
  `*.*["${name}"]`,
]);

/** What stands in a log in place of a secret. */
export const REDACTED = '[redacted]';
