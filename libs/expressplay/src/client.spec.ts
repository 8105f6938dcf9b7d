import { describe, expect, it } from 'vitest';
import { failureOf, options, withClient } from '../test-support/client.js';
import { withHttpServer } from '../test-support/local-server.js';
import {
  AUTHENTICATOR,
  fairPlayRequest,
  PAIR,
  playReadyRequest,
  URI_LIST,
  widevineRequest,
} from '../test-support/requests.js';
import type { ExchangeWrapper } from './client.js';
import { RefusedError } from './errors.js';
import {
  type ExpressPlayAnswer,
  ExpressPlayClient,
  type ExpressPlayClientOptions,
  InvalidTokenRequestError,
  type PoolLoad,
  type TokenRequest,
} from './index.js';

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
        expect(request?.body).toContain('expirationTime=2026-12-01T09%3A01%3A00Z');
        expect(request?.body).toContain('kid=%5Ea%2Bb+c&');
        expect(new URLSearchParams(request?.body).get('expirationTime')).toBe('2026-12-01T09:01:00Z');
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
        const expiresAt = new Date(end.getTime() + 1);
        const request = playReadyRequest({ rights: { type: 'rental', periodEndTime: end }, expiresAt });
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

  it('tells what came of each request that was sent, and of no other, and what is under way', async () => {
    const told: (string | undefined)[] = [];
    const onAnswer = ({ service, error }: ExpressPlayAnswer) => told.push(`${service} ${error?.kind ?? 'ok'}`);
    const answers = [PAIR, 'nonsense'];
    const loads: PoolLoad[] = [];
    let asking: ExpressPlayClient;
    await withHttpServer(
      (response) => {
        loads.push(asking.load);
        response.end(answers.shift());
      },
      async (server) => {
        asking = new ExpressPlayClient({ ...options(server.url), onAnswer, maxConnections: 1 });
        const rest = asking.load;
        await Promise.allSettled([asking.requestToken(fairPlayRequest()), asking.requestToken(fairPlayRequest())]);
        await failureOf(asking, playReadyRequest({ kid: '' }));
        await asking.close();
        expect(rest).toEqual({ inFlight: 0, queued: 0, connectionLimit: 1 });
      },
    );
    expect(told).toEqual(['fairplay ok', 'fairplay unreadable']);
    expect(loads.map(({ inFlight, queued }) => [inFlight, queued])).toEqual([
      [1, 1],
      [1, 0],
    ]);
  });

  it('loses no token and no error to whoever is told', async () => {
    const onAnswer = () => {
      throw new Error('this listener fails');
    };
    const answers = [PAIR, 'nonsense'];
    await withHttpServer(
      (response) => void response.end(answers.shift()),
      async (server) => {
        const client = new ExpressPlayClient({ ...options(server.url), onAnswer });
        await expect(client.requestToken(playReadyRequest())).resolves.toHaveProperty('token');
        await expect(client.requestToken(playReadyRequest())).rejects.toMatchObject({ kind: 'unreadable' });
        await client.close();
      },
    );
  });

  it('does not begin without an authenticator of the right form', () => {
    expect(() => new ExpressPlayClient({ ...options('http://127.0.0.1'), customerAuthenticator: 'x' })).toThrow(
      InvalidTokenRequestError,
    );
  });
});

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a wrapper around exchanges', () => {
  it.each([
    ['a traceparent', TRACEPARENT, TRACEPARENT],
    ['nothing', undefined, undefined],
    ['another header behind it', `${TRACEPARENT}\r\nX-Other: 1`, undefined],
    ['something else', 'Bearer abc', undefined],
    ['upper case', TRACEPARENT.toUpperCase(), undefined],
  ])('that says %s', async (_, said, sent) => {
    await withHttpServer(
      (response) => response.writeHead(400, { 'X-ExpressPlay-Event-Code': '-2002' }).end(),
      (server) =>
        withClient(
          server,
          async (client) => {
            await failureOf(client, playReadyRequest());
            expect(server.requests.map(({ headers }) => headers['traceparent'])).toEqual([sent]);
            expect(server.requests[0]?.headers['x-other']).toBeUndefined();
          },
          { aroundExchange: (_exchange, send) => send(said) },
        ),
    );
  });

  it('is told the service and the URL, and sees the failure', async () => {
    const told: unknown[] = [];
    const aroundExchange: ExchangeWrapper = async (exchange, send) => {
      told.push(exchange);
      try {
        return await send();
      } catch (error) {
        told.push(error);
        throw error;
      }
    };
    await withHttpServer(
      (response) => response.writeHead(404).end('nothing here'),
      (server) =>
        withClient(
          server,
          async (client) => {
            await failureOf(client, playReadyRequest());
            expect(told).toEqual([
              { service: 'playready', url: `${server.url}/hms/pr/token` },
              expect.any(RefusedError),
            ]);
          },
          { aroundExchange },
        ),
    );
  });
});
