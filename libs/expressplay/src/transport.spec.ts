import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { withHttpServer } from '../test-support/local-server.js';
import { failureOf, transport } from '../test-support/transport.js';
import { UnreadableAnswerError } from './errors.js';

describe('an answer', () => {
  it.each([200, 201, 400, 401, 404, 500, 503])('of status %i is read', async (status) => {
    await withHttpServer(
      (response) => response.writeHead(status, { 'content-type': 'text/html' }).end('{"é":1}'),
      async ({ url }) => {
        expect(await transport().post(url, 'a=1')).toEqual({ status, body: '{"é":1}' });
      },
    );
  });

  it('that is a redirect is not followed', async () => {
    await withHttpServer(
      (response) => response.writeHead(307, { location: '/elsewhere' }).end('moved'),
      async ({ url, requests }) => {
        expect(await transport().post(`${url}/hms/pr/token`, 'a=1')).toEqual({ status: 307, body: 'moved' });
        expect(requests.map((request) => request.url)).toEqual(['/hms/pr/token']);
      },
    );
  });

  it('of exactly 64 KiB is read', async () => {
    await withHttpServer(
      (response) => response.end('x'.repeat(65_536)),
      async ({ url }) => {
        expect((await transport().post(url, 'a=1')).body).toHaveLength(65_536);
      },
    );
  });

  it.each([
    ['declared', true],
    ['streamed', false],
  ])('of more than 64 KiB, %s, is not', async (_, declared) => {
    await withHttpServer(
      (response) => {
        const body = 'x'.repeat(65_537);
        response.writeHead(200, declared ? { 'content-length': body.length } : {}).end(body);
      },
      async ({ url }) => {
        const error = await failureOf(transport().post(url, 'a=1'));
        expect(error).toBeInstanceOf(UnreadableAnswerError);
        expect(error).toMatchObject({ reason: 'too-large', httpStatus: 200 });
      },
    );
  });
});

describe('the connection', () => {
  it('is kept for the next call', async () => {
    await withHttpServer(
      (response) => response.end('ok'),
      async ({ url, connections }) => {
        const one = transport({ maxConnections: 1 });
        await one.post(`${url}/a`, 'a=1');
        await one.post(`${url}/a`, 'a=1');
        expect(connections()).toBe(1);
      },
    );
  });

  it('is not shared by two addresses of a host, so that one that hangs does not hold up the other', async () => {
    await withHttpServer(
      (response, { url }) => (url === '/a' ? undefined : response.end('ok')),
      async ({ url, requests }) => {
        const one = transport({ maxConnections: 1, timeoutMs: 10_000 });
        void failureOf(one.post(`${url}/a`, 'a=1'));
        await vi.waitFor(() => expect(requests).toHaveLength(1));
        expect((await one.post(`${url}/b`, 'a=1')).body).toBe('ok');
        expect(one.load).toEqual({ inFlight: 1, queued: 0, connectionLimit: 1 });
      },
    );
  });

  it('is one of at most the configured number', async () => {
    await withHttpServer(
      (response) => response.end('ok'),
      async ({ url, connections, requests }) => {
        const one = transport({ maxConnections: 2 });
        await Promise.all(Array.from({ length: 8 }, () => one.post(url, 'a=1')));
        expect(requests).toHaveLength(8);
        expect(connections()).toBe(2);
      },
    );
  });

  it('goes past a proxy of the environment', async () => {
    await withHttpServer(
      (response) => response.end('proxy'),
      async (proxy) => {
        await withHttpServer(
          (response) => response.end('direct'),
          async ({ url }) => {
            for (const name of ['HTTP_PROXY', 'http_proxy']) vi.stubEnv(name, proxy.url);
            for (const name of ['NO_PROXY', 'no_proxy']) vi.stubEnv(name, '');
            try {
              expect((await transport().post(url, 'a=1')).body).toBe('direct');
            } finally {
              vi.unstubAllEnvs();
            }
          },
        );
        expect(proxy.requests).toEqual([]);
      },
    );
  });
});

describe('closing', () => {
  it('lets a call in flight finish and refuses later ones', async () => {
    const arrivals = new EventEmitter();
    const arrival = once(arrivals, 'arrival') as Promise<[ServerResponse]>;
    await withHttpServer(
      (response) => arrivals.emit('arrival', response),
      async ({ url }) => {
        const one = transport();
        const answer = one.post(url, 'a=1');
        const [response] = await arrival;
        const closed = one.close();
        expect(await failureOf(one.post(url, 'a=2'))).toMatchObject({ kind: 'transport', reason: 'closed' });
        response.end('ok');
        expect(await answer).toEqual({ status: 200, body: 'ok' });
        await closed;
        await one.close();
      },
    );
  });
});
