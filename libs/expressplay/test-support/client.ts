// A client of a local server, what its calls fail with, and that no secret is in it.
import { inspect } from 'node:util';
import { expect } from 'vitest';
import {
  ExpressPlayClient,
  type ExpressPlayClientOptions,
  type ExpressPlayError,
  type TokenRequest,
} from '../src/index.js';
import type { LocalServer } from './local-server.js';
import { AUTHENTICATOR, CONTENT_KEY, EK, KEK, NOW, toHex } from './requests.js';

/** Options of a client of the server at a base URL. */
export const options = (baseUrl: string): ExpressPlayClientOptions => ({
  environment: 'test',
  prodDomain: 'service.expressplay.com',
  baseUrl,
  customerAuthenticator: AUTHENTICATOR,
  connectTimeoutMs: 1000,
  timeoutMs: 1000,
  maxConnections: 2,
  useHttps: true,
  now: () => NOW,
});

/** Runs `use` with a client and closes it. */
export async function withClient<T>(
  server: LocalServer,
  use: (client: ExpressPlayClient) => Promise<T>,
  change: Partial<ExpressPlayClientOptions> = {},
): Promise<T> {
  const client = new ExpressPlayClient({ ...options(server.url), ...change });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** The error that a request ends with. */
export const failureOf = (client: ExpressPlayClient, request: TokenRequest): Promise<ExpressPlayError> =>
  client.requestToken(request).then(
    () => expect.unreachable(),
    (error: ExpressPlayError) => error,
  );

const SECRETS = [AUTHENTICATOR, AUTHENTICATOR.slice(7), toHex(KEK), toHex(EK), toHex(CONTENT_KEY), 'AQAAsecretTOKEN'];
/** Expects that nothing of a request and of a token can be read out of a value. */
export const expectNoSecret = (value: unknown): void => {
  const error = value as Error;
  const text = [inspect(value, { depth: Infinity, showHidden: true }), JSON.stringify(value), error.stack].join('\n');
  for (const secret of SECRETS) {
    for (const form of [secret, secret.toUpperCase(), encodeURIComponent(secret)]) {
      expect(text).not.toContain(form);
    }
  }
  expect(error.cause).toBeUndefined();
};
