// The client: each operation of the API by its path, with the types of its document.
import createClient, { type Client } from 'openapi-fetch';
import type { components, operations, paths } from './generated/openapi.js';

/** The values of the API by the names that its document gives them, for example `Schemas['LicenseToken']`. */
export type Schemas = components['schemas'];

/** The queries of operations, for example `Queries['listEntitlements']`. */
export type Queries = {
  [Id in keyof operations]: NonNullable<operations[Id]['parameters']['query']>;
};

/** What answers are read as; one of another type has to be asked for, with `Accept` and `parseAs: 'text'`. */
type Json = 'application/json' | 'application/problem+json';

/**
 * `GET`, `PUT` and `POST` by path. A call answers with `data`, or with `error`, which is a problem document when the
 * service gave it (`isProblem`), and with the `response`. It throws when there is no answer at all.
 */
export type ApiClient = Client<paths, Json>;

/** Whom to ask, and as whom. */
export interface ApiClientOptions {
  /** Scheme, host and port of the service, such as `https://licenses.example.com`; for `/v1/admin` of its management port. */
  readonly baseUrl: string;
  /** A bearer token, or what gets one for each request: tokens expire. Without it requests carry none. */
  readonly bearer?: string | (() => string | Promise<string>);
}

/** Makes a client. It keeps no state beside these options. */
export function createApiClient({ baseUrl, bearer }: ApiClientOptions): ApiClient {
  const client = createClient<paths, Json>({ baseUrl });
  if (bearer !== undefined) {
    client.use({
      async onRequest({ request }) {
        request.headers.set('Authorization', `Bearer ${typeof bearer === 'string' ? bearer : await bearer()}`);
        return request;
      },
    });
  }
  return client;
}
