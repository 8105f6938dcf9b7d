import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { withHttpServer, type LocalServer } from '../test-support/local-server.js';
import {
  AUTHENTICATOR,
  CONTENT_KEY,
  EK,
  fairPlayRequest,
  KEK,
  playReadyRequest,
  toHex,
  widevineRequest,
} from '../test-support/requests.js';
import {
  ExpressPlayClient,
  ExpressPlayError,
  InvalidTokenRequestError,
  type ExpressPlayClientOptions,
  type TokenRequest,
} from './index.js';

const options = (baseUrl: string): ExpressPlayClientOptions => ({
  environment: 'test',
  prodDomain: 'service.expressplay.com',
  baseUrl,
  customerAuthenticator: AUTHENTICATOR,
  connectTimeoutMs: 1000,
  timeoutMs: 1000,
  maxConnections: 2,
  useHttps: true,
});

async function withClient<T>(
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

const failureOf = (client: ExpressPlayClient, request: TokenRequest): Promise<ExpressPlayError> =>
  client.requestToken(request).then(
    () => expect.unreachable(),
    (error: ExpressPlayError) => error,
  );

const PAIR = '{"licenseAcquisitionUrl":"https://pr.test.expressplay.com/playready/RightsManager.asmx","token":"AQAA"}';
const URI_LIST = 'https://fp.test.expressplay.com:80/hms/fp/rights/?ExpressPlayToken=AQAA';

describe('asking for a token', () => {
  it('posts a form, with nothing in the URL', async () => {
    await withHttpServer(
      (response) => response.end(PAIR),
      async (server) => {
        await withClient(server, (client) => client.requestToken(playReadyRequest({ kid: '^a+b c' })));
        expect(server.requests).toHaveLength(1);
        const [request] = server.requests;
        expect(request).toMatchObject({
          method: 'POST',
          url: '/hms/pr/token',
          headers: { 'content-type': 'application/x-www-form-urlencoded', host: `127.0.0.1:${server.port}` },
        });
        expect(request?.headers['content-length']).toBe(String(request?.body.length));
        expect(request?.body).toContain(`customerAuthenticator=${AUTHENTICATOR.replace(',', '%2C')}&errorFormat=json&`);
        expect(request?.body).toContain('expirationTime=%2B60');
        expect(request?.body).toContain('kid=%5Ea%2Bb+c&');
        expect(new URLSearchParams(request?.body).get('expirationTime')).toBe('+60');
      },
    );
  });

  it.each<[string, TokenRequest, string, string]>([
    ['PlayReady', playReadyRequest(), '/hms/pr/token', PAIR],
    ['FairPlay', fairPlayRequest(), '/hms/fp/token', URI_LIST],
    ['Widevine', widevineRequest(), '/hms/wv/token', URI_LIST],
    ['PlayReady, answered as FairPlay is', playReadyRequest(), '/hms/pr/token', URI_LIST],
    ['FairPlay, answered as PlayReady is', fairPlayRequest(), '/hms/fp/token', PAIR],
  ])('of %s', async (_, request, path, body) => {
    await withHttpServer(
      (response) => response.writeHead(200, { 'content-type': 'text/uri-list' }).end(body),
      async (server) => {
        const issued = await withClient(server, (client) => client.requestToken(request));
        expect(issued.token).toBe('AQAA');
        expect(issued.licenseUrl).toBe(`${issued.licenseAcquisitionUrl}?ExpressPlayToken=AQAA`);
        expect(server.requests.map(({ url }) => url)).toEqual([path]);
      },
    );
  });

  it('asks once, whatever comes', async () => {
    await withHttpServer(
      (response) => response.destroy(),
      async (server) => {
        const error = await withClient(server, (client) => failureOf(client, playReadyRequest()));
        expect(error).toMatchObject({ kind: 'transport', reason: 'reset' });
        expect(server.requests).toHaveLength(1);
      },
    );
  });

  it('sends nothing that would be refused', async () => {
    await withHttpServer(
      (response) => response.end(PAIR),
      async (server) => {
        const error = await withClient(server, (client) => failureOf(client, fairPlayRequest({ iv: 'x' })));
        expect(error).toMatchObject({ kind: 'invalid-request', parameter: 'iv', code: -6003 });
        expect(server.requests).toEqual([]);
      },
    );
  });

  it.each([
    [true, 'true'],
    [false, null],
  ])('asks for https when useHttps is %j', async (useHttps, sent) => {
    await withHttpServer(
      (response) => response.end(URI_LIST),
      async (server) => {
        await withClient(server, (client) => client.requestToken(widevineRequest()), { useHttps });
        expect(new URLSearchParams(server.requests[0]?.body).get('useHttps')).toBe(sent);
      },
    );
  });

  it('compares the end of a rental with the clock it is given', async () => {
    await withHttpServer(
      (response) => response.end(PAIR),
      async (server) => {
        const end = new Date('2001-01-01T00:00:00Z');
        const request = playReadyRequest({ rights: { type: 'rental', periodEndTime: end } });
        const now = { now: () => new Date(end.getTime() - 1) };
        expect(await withClient(server, (client) => client.requestToken(request), now)).toHaveProperty('token', 'AQAA');
        const error = await withClient(server, (client) => failureOf(client, request));
        expect(error).toMatchObject({ kind: 'invalid-request', parameter: 'rental.periodEndTime', code: -2022 });
        expect(server.requests).toHaveLength(1);
      },
    );
  });

  it.each<[string, string, Partial<ExpressPlayClientOptions>, boolean]>([
    ["the environment's", 'https://wv.test.expressplay.com/r', {}, true],
    ["the other environment's", 'https://wv.service.expressplay.com/r', {}, false],
    ['that of the base URL', 'http://127.0.0.1:9/r', {}, true],
    ['a foreign one', 'http://localhost:3100/r', {}, false],
    ['a foreign one that was named', 'http://localhost:3100/r', { licenseHosts: ['LocalHost'] }, true],
  ])('believes a licence URL by its host: %s', async (_, url, change, believed) => {
    await withHttpServer(
      (response) => response.end(`${url}?ExpressPlayToken=AQAA`),
      async (server) => {
        const answer = withClient(server, (client) => client.requestToken(widevineRequest()), change);
        const outcome = await answer.catch((error: unknown) => error);
        expect(outcome).toMatchObject(believed ? { licenseAcquisitionUrl: url } : { reason: 'foreign-host' });
      },
    );
  });

  it('sends raw parameters exactly as they are given, and reads the answer as any other', async () => {
    await withHttpServer(
      (response) => response.end(URI_LIST),
      async (server) => {
        const issued = await withClient(server, (client) =>
          client.requestRaw('fairplay', [
            ['kid', 'not hex'],
            ['kid', ''],
            ['fpExtension', '+'],
          ]),
        );
        expect(issued.token).toBe('AQAA');
        expect(server.requests).toMatchObject([{ url: '/hms/fp/token', body: 'kid=not+hex&kid=&fpExtension=%2B' }]);
      },
    );
  });

  it('does not begin without an authenticator of the right form', () => {
    expect(() => new ExpressPlayClient({ ...options('http://127.0.0.1'), customerAuthenticator: 'x' })).toThrow(
      InvalidTokenRequestError,
    );
  });
});

describe('secrets', () => {
  it("are not in a refusal of raw parameters, whoever's authenticator they have", async () => {
    await withHttpServer(
      (response, { body }) => response.writeHead(401).end(`Error -2018: ${decodeURIComponent(body)}`),
      async (server) => {
        const refused = withClient(server, (client) =>
          client.requestRaw('widevine', [['customerAuthenticator', 'no-such-thing']]),
        );
        await expect(refused).rejects.toMatchObject({ code: -2018, excerpt: expect.not.stringContaining('no-such') });
      },
    );
  });

  const SECRETS = [AUTHENTICATOR, AUTHENTICATOR.slice(7), toHex(KEK), toHex(EK), toHex(CONTENT_KEY), 'AQAAsecretTOKEN'];
  const expectNoSecret = (value: unknown): void => {
    const error = value as Error;
    const text = [inspect(value, { depth: Infinity, showHidden: true }), JSON.stringify(value), error.stack].join('\n');
    for (const secret of SECRETS) {
      for (const form of [secret, secret.toUpperCase(), encodeURIComponent(secret)]) {
        expect(text).not.toContain(form);
      }
    }
    expect(error.cause).toBeUndefined();
  };
  const requests: TokenRequest[] = [
    playReadyRequest(),
    fairPlayRequest({ key: { kind: 'clear', contentKey: CONTENT_KEY } }),
    widevineRequest({ additionalParameters: [{ name: 'contentKey.0', value: toHex(CONTENT_KEY) }] }),
  ];

  it.each<[string, number, (received: string) => string, string]>([
    ['a refusal that echoes the form', 400, (received) => `Error -2005: ${received}`, 'refused'],
    ['a refusal that echoes the form decoded', 401, (received) => `<p>${decodeURIComponent(received)}</p>`, 'refused'],
    [
      'a refusal that echoes it in JSON',
      401,
      (received) =>
        JSON.stringify({
          errorCode: -2018,
          errorMessage: JSON.stringify(Object.fromEntries(new URLSearchParams(received))),
        }),
      'refused',
    ],
    ['a refusal with a token', 500, () => '{"message":"ExpressPlayToken=AQAAsecretTOKEN"}', 'refused'],
    ['an unreadable answer with a token', 200, () => '{"token":"AQAAsecretTOKEN"}', 'unreadable'],
    ['an unreadable answer with a bad URL', 200, () => 'ftp://x/?ExpressPlayToken=AQAAsecretTOKEN', 'unreadable'],
    ['an answer that is too large', 200, (received) => received.repeat(1000), 'unreadable'],
  ])('are not in %s', async (_, status, body, kind) => {
    await withHttpServer(
      (response, received) => response.writeHead(status).end(body(received.body)),
      async (server) => {
        await withClient(server, async (client) => {
          for (const request of requests) {
            const error = await failureOf(client, request);
            expect(error.kind).toBe(kind);
            expectNoSecret(error);
          }
        });
      },
    );
  });

  it('are not in a failure of the transport', async () => {
    const gone = await withHttpServer(
      () => undefined,
      async (server) => server,
    );
    await withClient(gone, async (client) => {
      const error = await failureOf(client, playReadyRequest());
      expect(error).toMatchObject({ kind: 'transport', reason: 'connect' });
      expectNoSecret(error);
    });
    await withHttpServer(
      () => undefined,
      async (server) => {
        const error = await withClient(server, (client) => failureOf(client, playReadyRequest()), { timeoutMs: 60 });
        expect(error).toMatchObject({ kind: 'transport', reason: 'timeout' });
        expectNoSecret(error);
      },
    );
  });

  it('are not in a call after closing', async () => {
    const client = new ExpressPlayClient(options('http://127.0.0.1:9'));
    await client.close();
    const error = await failureOf(client, playReadyRequest());
    expect(error).toMatchObject({ kind: 'transport', reason: 'closed', timeout: false });
    expectNoSecret(error);
  });

  it('are not in a request refused before sending, nor in the client', async () => {
    const client = new ExpressPlayClient(options('http://127.0.0.1:9'));
    expectNoSecret(client);
    const key = { kind: 'wrapped', kek: KEK, ek: EK.subarray(1) } as const;
    const error = await failureOf(client, playReadyRequest({ key }));
    expect(error).toMatchObject({ kind: 'invalid-request', parameter: 'ek' });
    expectNoSecret(error);
    await client.close();
  });
});
