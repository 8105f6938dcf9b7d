import { Agent } from 'node:http';
import { AxiosError, type AxiosInstance } from 'axios';
import { describe, expect, it } from 'vitest';
import { expectNoSecret, failureOf, withClient } from '../test-support/client.js';
import { withHttpServer, withTcpServer } from '../test-support/local-server.js';
import { AUTHENTICATOR, PAIR, playReadyRequest } from '../test-support/requests.js';

describe("an integrator's axios", () => {
  it('has interceptors that see each request and its answer, and may add headers', async () => {
    const seen: unknown[] = [];
    const configureAxios = ({ interceptors }: AxiosInstance): void => {
      interceptors.request.use((config) => {
        config.headers.set('X-Gateway', 'ours');
        return config;
      });
      interceptors.response.use((response) => {
        seen.push([response.config.url, response.status]);
        return response;
      });
    };
    await withHttpServer(
      (response) => response.end(PAIR),
      async (server) => {
        const ask = withClient(server, (client) => client.requestToken(playReadyRequest()), { configureAxios });
        expect(await ask).toHaveProperty('token', 'AQAA');
        expect(server.requests.map(({ headers }) => headers['x-gateway'])).toEqual(['ours']);
        expect(seen).toEqual([[`${server.url}/hms/pr/token`, 200]]);
      },
    );
  });

  it.each<[string, (instance: AxiosInstance) => void, number]>([
    [
      'an AxiosError before sending',
      ({ interceptors }) =>
        interceptors.request.use((config) => {
          throw new AxiosError('no', 'ERR_OF_MINE', config);
        }),
      0,
    ],
    [
      'an error with the answer and the request',
      ({ interceptors }) =>
        interceptors.response.use((response) => {
          throw Object.assign(new Error(String(response.config.data)), { response, cause: response.config });
        }),
      1,
    ],
    ['what is no error', ({ interceptors }) => interceptors.request.use(({ data }) => Promise.reject(data)), 0],
  ])('has interceptors that throw %s: a failure of the transport without it', async (_, configureAxios, sent) => {
    await withHttpServer(
      (response) => response.end(PAIR),
      async (server) => {
        const error = await withClient(server, (client) => failureOf(client, playReadyRequest()), { configureAxios });
        expect(error).toMatchObject({ kind: 'transport', reason: 'other' });
        expectNoSecret(error);
        expect(server.requests).toHaveLength(sent);
      },
    );
  });

  it('has interceptors that see a failure as it is named, and that leave it as it is', async () => {
    const seen: unknown[] = [];
    const configureAxios = ({ interceptors }: AxiosInstance): void => {
      interceptors.response.use(undefined, (error: unknown) => {
        seen.push(error);
        throw error;
      });
    };
    await withHttpServer(
      (response) => response.end('x'.repeat(70_000)),
      async (server) => {
        const error = await withClient(server, (client) => failureOf(client, playReadyRequest()), { configureAxios });
        expect(error).toMatchObject({ kind: 'unreadable', reason: 'too-large' });
        expect(seen).toEqual([error]);
      },
    );
  });
});

describe("an adapter of axios's own", () => {
  const agent = new Agent();
  const configureAxios = ({ defaults }: AxiosInstance): void => {
    Object.assign(defaults, { adapter: 'http', httpAgent: agent });
  };

  it('goes through the proxy that it is given', async () => {
    await withHttpServer(
      (response) => response.end(PAIR),
      async (proxy) => {
        const change = {
          baseUrl: 'http://nowhere.example',
          configureAxios: ({ defaults }: AxiosInstance): void => {
            Object.assign(defaults, { adapter: 'http', proxy: { host: '127.0.0.1', port: proxy.port } });
          },
        };
        const issued = await withClient(proxy, (client) => client.requestToken(playReadyRequest()), change);
        expect(issued).toHaveProperty('token', 'AQAA');
        const [request] = proxy.requests;
        expect(request).toMatchObject({ method: 'POST', url: 'http://nowhere.example/hms/pr/token' });
        expect(new URLSearchParams(request?.body).get('customerAuthenticator')).toBe(AUTHENTICATOR);
      },
    );
  });

  it.each<[string, string, object]>([
    [
      'a redirect',
      'HTTP/1.1 307 Moved\r\nlocation: /hms/xx\r\ncontent-length: 0\r\n\r\n',
      { kind: 'refused', httpStatus: 307 },
    ],
    ['a connection that breaks', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n12345', { kind: 'transport' }],
    [
      'what is too large',
      `HTTP/1.1 200 OK\r\ncontent-length: 70000\r\n\r\n${'x'.repeat(70_000)}`,
      { kind: 'transport' },
    ],
  ])('answers %s with one of the four errors, without the request', async (_, answer, expected) => {
    await withTcpServer(
      (socket) => socket.once('data', () => socket.end(answer)),
      async (server) => {
        const error = await withClient(server, (client) => failureOf(client, playReadyRequest()), { configureAxios });
        expect(error).toMatchObject(expected);
        expectNoSecret(error);
      },
    );
  });

  it.each([
    ['no answer', ''],
    ['half a body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345'],
  ])('keeps the deadline of the call with %s', async (_, text) => {
    await withTcpServer(
      (socket) => socket.once('data', () => socket.write(text)),
      async (server) => {
        const change = { configureAxios, timeoutMs: 80 };
        const error = await withClient(server, (client) => failureOf(client, playReadyRequest()), change);
        expect(error).toMatchObject({ kind: 'transport', reason: 'timeout', timeout: true });
        expectNoSecret(error);
      },
    );
  });
});
