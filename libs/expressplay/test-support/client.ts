// A client of a local server, and what its calls fail with.
import { expect } from 'vitest';
import {
  ExpressPlayClient,
  type ExpressPlayClientOptions,
  type ExpressPlayError,
  type TokenRequest,
} from '../src/index.js';
import type { LocalServer } from './local-server.js';
import { AUTHENTICATOR, NOW } from './requests.js';

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
