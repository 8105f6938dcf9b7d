// Key storage and record retrieval against local servers: what is sent, what is read, and that nothing secret comes out.
import { describe, expect, it } from 'vitest';
import { expectNoSecret, options } from '../test-support/client.js';
import { type LocalServer, withHttpServer, withTcpServer } from '../test-support/local-server.js';
import { AUTHENTICATOR, EK, KID, toHex } from '../test-support/requests.js';
import { accountApiUrl } from './hosts.js';
import { CustomerAuthenticator, type ExpressPlayError, KeyStorageClient, RecordsClient } from './index.js';

const LOCATION = { environment: 'test', prodDomain: 'service.expressplay.com' } as const;

async function withClients<T>(
  { url }: Pick<LocalServer, 'url'>,
  use: (clients: { keys: KeyStorageClient; records: RecordsClient }) => Promise<T>,
  change: object = {},
): Promise<T> {
  const clients = {
    keys: new KeyStorageClient({ ...options(url), ...change }),
    records: new RecordsClient({ ...options(url), ...change }),
  };
  try {
    return await use(clients);
  } finally {
    await Promise.all([clients.keys.close(), clients.records.close()]);
  }
}

/** Every call that there is. */
const CALLS: Record<string, (clients: { keys: KeyStorageClient; records: RecordsClient }) => Promise<unknown>> = {
  list: ({ keys }) => keys.list(),
  get: ({ keys }) => keys.get(KID),
  store: ({ keys }) => keys.store({ kid: KID, kekId: 'k', ek: EK }),
  delete: ({ keys }) => keys.delete(KID),
  newest: ({ records }) => records.newest(),
  'of a cookie': ({ records }) => records.ofCookie('c1'),
  page: ({ records }) => records.page(0),
};
const NAMES = Object.keys(CALLS);
const failureOf = (call: Promise<unknown>): Promise<ExpressPlayError> =>
  call.then(
    () => expect.unreachable(),
    (error: ExpressPlayError) => error,
  );

describe("the API's address", () => {
  it.each([
    ['test', 'service.expressplay.com', 'https://api.test.expressplay.com'],
    ['test', 'service.expressplay.cn', 'https://api.test.expressplay.com'],
    ['production', 'service.expressplay.com', 'https://api.service.expressplay.com'],
    ['production', 'service.expressplay.cn', 'https://api.service.expressplay.cn'],
  ] as const)('in %s of %s is %s', (environment, prodDomain, url) => {
    expect(accountApiUrl({ environment, prodDomain })).toBe(url);
  });

  it('is that of baseUrl, never of the other environment', () => {
    expect(accountApiUrl({ ...LOCATION, baseUrl: 'http://127.0.0.1:3100/' })).toBe('http://127.0.0.1:3100');
    expect(() => accountApiUrl({ ...LOCATION, baseUrl: 'https://api.service.expressplay.com' })).toThrow(TypeError);
    const make = () => new RecordsClient({ ...options(''), customerAuthenticator: `production:${AUTHENTICATOR}` });
    expect(make).toThrow(expect.objectContaining({ code: -2018 }));
  });
});

describe('a call', () => {
  it('has the authenticator in its query, and no KEK', async () => {
    const stored = JSON.stringify({ kid: KID, ek: toHex(EK).toUpperCase(), lastUpdate: 'now' });
    await withHttpServer(
      (response, { method, url = '' }) => response.end(method === 'GET' && !url.includes(KID) ? '[]' : stored),
      async (server) => {
        const callAll = async (clients: Parameters<(typeof CALLS)[string]>[0]) => {
          for (const name of NAMES) await CALLS[name]?.(clients);
        };
        await withClients(server, callAll, { maxConnections: 1 });
        const query = `customerAuthenticator=${encodeURIComponent(AUTHENTICATOR)}`;
        expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
          `GET /keystore/keys?${query}`,
          `GET /keystore/keys/${KID}?${query}`,
          `POST /keystore/keys?${query}`,
          `DELETE /keystore/keys/${KID}?${query}`,
          `GET /cmiapi/getrecord/?${query}`,
          `GET /cmiapi/getrecord/?${query}&cookie=c1`,
          `GET /cmiapi/getrecord/?${query}&start=0&length=200`,
        ]);
        expect(server.requests.map(({ body }) => body).filter(Boolean)).toEqual([
          JSON.stringify({ kid: KID, kekId: 'k', ek: toHex(EK) }),
        ]);
        // One for each client, however many KIDs are asked for.
        expect(server.connections()).toBe(2);
      },
    );
  });

  it('is made again with the second authenticator when the first is refused', async () => {
    const second = AUTHENTICATOR.replace('201722', '201723');
    const pair = { first: CustomerAuthenticator.parse(AUTHENTICATOR), second: CustomerAuthenticator.parse(second) };
    await withHttpServer(
      (response, { url = '' }) =>
        url.includes('=201723') ? response.end('[]') : response.writeHead(401).end('<p>Error -2018</p>'),
      async (server) => {
        const customerAuthenticator = { current: () => pair, refresh: () => pair };
        expect(await withClients(server, ({ keys }) => keys.list(), { customerAuthenticator })).toEqual([]);
      },
    );
  });
});

describe('an answer', () => {
  const answered = <T>(
    body: string,
    call: (clients: Parameters<(typeof CALLS)[string]>[0]) => Promise<T>,
    status = 200,
  ) =>
    withHttpServer(
      (response) => response.writeHead(status).end(body),
      (server) => withClients(server, call),
    );

  it.each(['[$]', '{"keys": [$]}', '{"count": 1, "items": [$]}'])('of keys may be %s', async (list) => {
    const key = { kid: KID, kekId: '#1.AB', ek: toHex(EK).toUpperCase(), contentId: 'c', lastUpdate: 'now' };
    const body = list.replace('$', JSON.stringify(key));
    const read = { ...key, kid: KID.toLowerCase(), ek: EK };
    expect(await answered(body, ({ keys }) => keys.list())).toEqual([read]);
    expect(await answered(`["${KID}"]`, ({ keys }) => keys.list())).toMatchObject([{ kid: KID.toLowerCase() }]);
  });

  it.each([
    ['[{"event_id": 7, "cookie": "c", "device_id": "d", "more": []}]', { eventId: '7', cookie: 'c', deviceId: 'd' }],
    ['{"events": [{"eventId": "e"}]}', { eventId: 'e', cookie: null, deviceId: null }],
    ['{"event_id": "e", "cookie": null}', { eventId: 'e', cookie: null, deviceId: null }],
  ])('of records may be %s', async (body, record) => {
    expect(await answered(body, ({ records }) => records.ofCookie('c'))).toEqual([record]);
  });

  it('of 404 says that a key is not there, of 204 that it is no longer', async () => {
    expect(await answered('', ({ keys }) => keys.get(KID), 404)).toBeUndefined();
    expect(await answered('', ({ keys }) => keys.delete(KID), 404)).toBe(false);
    expect(await answered('', ({ keys }) => keys.delete(KID), 204)).toBe(true);
    expect(await answered('', ({ records }) => records.ofCookie('c'))).toEqual([]);
  });

  it.each(['null', '7', '"kid"', '{}', '{"a": [], "b": []}', '[{}]', '[{"kid": "k", "ek": "00"}]', '<html>', '{'])(
    'that is %s is unreadable',
    async (body) => {
      const wanted = { kind: 'unreadable', reason: 'no-record' };
      expect(await answered(body, ({ keys }) => failureOf(keys.list()))).toMatchObject(wanted);
      const ofRecords = body.replace('kid', 'cookie');
      expect(await answered(ofRecords, ({ records }) => failureOf(records.newest()))).toMatchObject(wanted);
    },
  );
});

describe('the URL with the authenticator', () => {
  it.each(NAMES)('is in no refusal, unreadable answer or failure of the transport of: %s', async (name) => {
    const call = (server: Pick<LocalServer, 'url'>, change = {}) =>
      withClients(server, (clients) => failureOf(CALLS[name]!(clients)), change);
    const answers: [number, (url: string) => string, string][] = [
      [400, (url) => `<html><p>Error -2018: ${url}</p></html>`, 'refused'],
      [500, (url) => `wrong: ${decodeURIComponent(url)}`, 'refused'],
      [400, (url) => JSON.stringify({ errorCode: -2005, errorMessage: url }), 'refused'],
      [200, (url) => `<html>${url}</html>`, 'unreadable'],
      [200, (url) => JSON.stringify({ url }), name === 'delete' ? 'deleted' : 'unreadable'],
      [302, (url) => url, 'refused'],
    ];
    for (const [status, body, kind] of answers.filter(([, , one]) => one !== 'deleted')) {
      await withHttpServer(
        (response, { url = '' }) => response.writeHead(status, { location: url }).end(body(url)),
        async (server) => {
          const error = await call(server);
          expect(error.kind).toBe(kind);
          expectNoSecret(error);
          expect(error.message).not.toContain('?');
        },
      );
    }
    const broken = await withTcpServer((socket) => void socket.on('data', () => socket.destroy()), call);
    const gone = await call({ url: 'http://127.0.0.1:9' });
    const late = await withHttpServer(
      () => undefined,
      (server) => call(server, { timeoutMs: 60 }),
    );
    expect([broken, gone, late].map(({ kind }) => kind)).toEqual(['transport', 'transport', 'transport']);
    for (const error of [broken, gone, late]) expectNoSecret(error);
  });

  it('is not in a client, nor in what is refused before it is sent', async () => {
    await withClients({ url: 'http://127.0.0.1:9' }, async ({ keys, records }) => {
      expectNoSecret(keys);
      expectNoSecret(records);
      for (const call of [keys.get('abc'), keys.store({ kid: KID, kekId: 'k', ek: EK.subarray(1) })]) {
        const error = await failureOf(call);
        expect(error.kind).toBe('invalid-request');
        expectNoSecret(error);
      }
    });
  });
});
