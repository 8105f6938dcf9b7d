// The least that the service's environment must have, for tests of configuration.

/** What keys and secrets are made of there. */
export const HEX = '0123456789abcdef'.repeat(2);

/** Nothing in it is used: no test connects to these. */
export const REQUIRED_VARIABLES = {
  DATABASE_URL: 'postgresql://bff:secret@localhost:5432/bff',
  EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `201722,${HEX}`,
  CONTENT_KEY_KEKS: `demo=${HEX}`,
  AUTH_ISSUER: 'https://login.example.com/',
  AUTH_AUDIENCE: 'bff',
  AUTH_JWKS_URL: 'http://localhost:9000/jwks.json',
};
