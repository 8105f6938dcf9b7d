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
  'access_token',
  'licenseUrl',
  'ExpressPlayToken',
  'body',
  'CONTENT_KEY_KEKS',
  'DATABASE_URL',
  'DATABASE_PASSWORD',
  'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR',
  'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT',
] as const;

/** Paths for pino's `redact`: every secret name at the top of a log line and up to two objects deep. */
export const REDACTED_PATHS: readonly string[] = SECRET_NAMES.flatMap((name) => [
  `["${name}"]`,
  `*["${name}"]`,
  `*.*["${name}"]`,
]);

/** What stands in a log in place of a secret. */
export const REDACTED = '[redacted]';
