import { describe, expect, it, vi } from 'vitest';
import { expectNoSecret, failureOf, options, withClient } from '../test-support/client.js';
import { withHttpServer } from '../test-support/local-server.js';
import {
  AUTHENTICATOR,
  CONTENT_KEY,
  EK,
  fairPlayRequest,
  KEK,
  PAIR,
  playReadyRequest,
  toHex,
  widevineRequest,
} from '../test-support/requests.js';
import {
  type AuthenticatorFallback,
  CustomerAuthenticator,
  ExpressPlayClient,
  type ExpressPlayClientOptions,
  type TokenRequest,
} from './index.js';
import { HttpTransport } from './transport.js';

describe('the environment', () => {
  const client = (change: Partial<ExpressPlayClientOptions>) => () =>
    new ExpressPlayClient({ ...options('http://127.0.0.1'), baseUrl: undefined, ...change });

  it.each<['test' | 'production', string, boolean]>([
    ['test', `test:${AUTHENTICATOR}`, true],
    ['test', `production:${AUTHENTICATOR}`, false],
    ['production', `test:${AUTHENTICATOR}`, false],
    ['production', `production:${AUTHENTICATOR}`, true],
    ['production', AUTHENTICATOR, true],
  ])('%s, with the authenticator %s: %j', (environment, customerAuthenticator, made) => {
    const make = client({ environment, customerAuthenticator });
    if (made) expect(make).not.toThrow();
    else expect(make).toThrow(expect.objectContaining({ parameter: 'customerAuthenticator', code: -2018 }));
  });

  it("has no client with the other one's hosts", () => {
    const make = client({ environment: 'production', baseUrl: 'http://127.0.0.1:3100' });
    expect(make).toThrow(/^baseUrl must be allowed/);
  });

  it('keeps an authenticator that is replaced by one of the other environment from being sent', async () => {
    await withHttpServer(
      (response) => response.end(PAIR),
      async (server) => {
        let pair = { first: CustomerAuthenticator.parse(`test:${AUTHENTICATOR}`) };
        const customerAuthenticator = { current: () => pair, refresh: () => pair };
        await withClient(
          server,
          async (one) => {
            await one.requestToken(playReadyRequest());
            pair = { first: CustomerAuthenticator.parse(`production:${AUTHENTICATOR}`) };
            expect(await failureOf(one, playReadyRequest())).toMatchObject({ kind: 'invalid-request', code: -2018 });
          },
          { customerAuthenticator },
        );
        expect(server.requests).toHaveLength(1);
        expect(new URLSearchParams(server.requests[0]?.body).get('customerAuthenticator')).toBe(AUTHENTICATOR);
      },
    );
  });
});

describe('two authenticators', () => {
  it('the second is tried once when the first gets -2018, and then comes first', async () => {
    const second = AUTHENTICATOR.replace('201722', '201723');
    const pair = { first: CustomerAuthenticator.parse(AUTHENTICATOR), second: CustomerAuthenticator.parse(second) };
    const fallbacks: AuthenticatorFallback[] = [];
    await withHttpServer(
      (response, { body }) =>
        body.includes('customerAuthenticator=201723') ? response.end(PAIR) : response.writeHead(401).end('Error -2018'),
      async (server) => {
        const change: Partial<ExpressPlayClientOptions> = {
          customerAuthenticator: { current: () => pair, refresh: () => pair },
          onAuthenticatorFallback: (fallback) => fallbacks.push(fallback),
        };
        await withClient(
          server,
          async (client) => {
            for (let call = 0; call < 3; call += 1) await client.requestToken(playReadyRequest());
          },
          change,
        );
        const sent = server.requests.map(({ body }) => new URLSearchParams(body).get('customerAuthenticator'));
        expect(sent).toEqual([AUTHENTICATOR, second, second, second]);
        expect(fallbacks).toEqual([{ rejected: 'first', tried: 'second', outcome: 'accepted', switched: true }]);
      },
    );
  });
});

describe('keys', () => {
  it('are left to the caller as they were, and what was sent of them is cleared', async () => {
    const key = { kind: 'clear', contentKey: Uint8Array.from(CONTENT_KEY) } as const;
    const post = vi.spyOn(HttpTransport.prototype, 'post');
    await withHttpServer(
      (response) => response.writeHead(400).end('Error -2005'),
      async (server) => {
        await withClient(server, (client) => failureOf(client, playReadyRequest({ key })));
        await withClient(server, (client) => client.requestToken(playReadyRequest({ key })).catch(() => undefined));
        const sent = server.requests.map(({ body }) => new URLSearchParams(body).get('contentKey'));
        expect(sent).toEqual([toHex(CONTENT_KEY), toHex(CONTENT_KEY)]);
      },
    );
    const forms = post.mock.calls.map(([, form]) => form);
    post.mockRestore();
    expect(forms).toHaveLength(2);
    for (const form of forms) expect(form).toEqual(Buffer.alloc(form.length));
    expect(key.contentKey).toEqual(CONTENT_KEY);
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
