import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { withHttpServer, withTcpServer } from '../test-support/local-server.js';
import { TransportError, type TransportFailureReason, UnreadableAnswerError } from './errors.js';
import { type HttpAnswer, HttpTransport, nameTransportFailure, type TransportOptions } from './transport.js';

function transport(options: Partial<TransportOptions> = {}): HttpTransport {
  const made = new HttpTransport({ connectTimeoutMs: 2000, timeoutMs: 2000, maxConnections: 2, ...options });
  onTestFinished(() => made.close());
  return made;
}

const failureOf = (answer: Promise<HttpAnswer>): Promise<unknown> => answer.catch((error: unknown) => error);

/** What a failure is named. */
const failure = (reason: TransportFailureReason, timeout: boolean) => ({ kind: 'transport', reason, timeout });

/** An answer as it is, on a bare connection. */
const raw = (text: string) => (socket: Socket) => socket.once('data', () => socket.end(text));

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
        await one.post(`${url}/b`, 'a=1');
        expect(connections()).toBe(1);
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

describe('a failure of the transport', () => {
  it('names a refused connection', async () => {
    const url = await withHttpServer(
      () => undefined,
      async (server) => server.url,
    );
    const error = await failureOf(transport().post(url, 'a=1'));
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ ...failure('connect', false), code: 'ECONNREFUSED' });
  });

  it('names a TLS handshake that fails', async () => {
    await withTcpServer(raw('HTTP/1.1 400 Bad Request\r\n\r\n'), async ({ port }) => {
      expect(await failureOf(transport().post(`https://127.0.0.1:${port}`, 'a=1'))).toMatchObject(
        failure('connect', false),
      );
    });
  });

  it('names a connection that does not stand in time', async () => {
    // The connection is accepted, but the TLS handshake is never answered.
    await withTcpServer(
      () => undefined,
      async ({ port }) => {
        // An exact deadline: the one of the whole call, a little later, is not reached.
        const answer = transport({ connectTimeoutMs: 60, timeoutMs: 400 }).post(`https://127.0.0.1:${port}`, 'a=1');
        expect(await failureOf(answer)).toMatchObject(failure('connect-timeout', true));
      },
    );
  });

  it.each<[string, string]>([
    ['no answer', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\ncontent-'],
    ['a head and no body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n'],
    ['half a body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345'],
  ])('names a deadline that passes with %s', async (_, text) => {
    await withTcpServer(
      (socket) => socket.once('data', () => socket.write(text)),
      async ({ url }) => {
        expect(await failureOf(transport({ timeoutMs: 80 }).post(url, 'a=1'))).toMatchObject(failure('timeout', true));
      },
    );
  });

  it('names a deadline that passes while bytes keep coming', async () => {
    const timers: NodeJS.Timeout[] = [];
    await withTcpServer(
      (socket) => {
        socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n'));
        timers.push(setInterval(() => socket.writable && socket.write('x'), 5));
      },
      async ({ url }) => {
        expect(await failureOf(transport({ timeoutMs: 80 }).post(url, 'a=1'))).toMatchObject(failure('timeout', true));
      },
    ).finally(() => timers.forEach(clearInterval));
  });

  it('names a deadline that passes while waiting for a free connection', async () => {
    await withTcpServer(
      () => undefined,
      async ({ url }) => {
        const one = transport({ timeoutMs: 80, maxConnections: 1 });
        const waiting = [one.post(url, 'a=1'), one.post(url, 'a=2')];
        for (const error of await Promise.all(waiting.map(failureOf))) {
          expect(error).toMatchObject(failure('timeout', true));
        }
      },
    );
  });

  it.each<[string, string]>([
    ['before the answer', ''],
    ['in the head', 'HTTP/1.1 200 OK\r\ncontent-'],
    ['in the body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345'],
    ['in a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n123'],
  ])('names a connection that is closed %s', async (_, text) => {
    await withTcpServer(raw(text), async ({ url }) => {
      expect(await failureOf(transport().post(url, 'a=1'))).toMatchObject(failure('reset', false));
    });
  });

  it.each<[string, string]>([
    ['before the answer', ''],
    ['in the body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345'],
  ])('names a connection that is reset %s', async (_, text) => {
    await withTcpServer(
      (socket) => socket.once('data', () => socket.write(text, () => socket.resetAndDestroy())),
      async ({ url }) => {
        expect(await failureOf(transport().post(url, 'a=1'))).toMatchObject(failure('reset', false));
      },
    );
  });

  it.each<[string, string]>([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a head beyond all measure', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`],
  ])('names an answer that is %s', async (_, text) => {
    await withTcpServer(raw(text), async ({ url }) => {
      expect(await failureOf(transport().post(url, 'a=1'))).toMatchObject(failure('protocol', false));
    });
  });

  it('does not keep the next call from succeeding', async () => {
    let calls = 0;
    await withHttpServer(
      (response) => (++calls === 1 ? response.destroy() : response.end('ok')),
      async ({ url, requests }) => {
        const one = transport({ maxConnections: 1 });
        expect(await failureOf(one.post(url, 'a=1'))).toMatchObject({ kind: 'transport', reason: 'reset' });
        expect((await one.post(url, 'a=2')).body).toBe('ok');
        expect(requests.map(({ body }) => body)).toEqual(['a=1', 'a=2']);
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

const withCode = (code: unknown): Error => Object.assign(new Error('of a library'), { code, request: 'a-secret' });

describe('the name of a transport failure', () => {
  it.each([
    ['ENOTFOUND', 'connect', false],
    ['EAI_AGAIN', 'connect', false],
    ['EHOSTUNREACH', 'connect', false],
    ['CERT_HAS_EXPIRED', 'connect', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'connect', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'connect', false],
    ['ETIMEDOUT', 'connect-timeout', true],
    ['UND_ERR_CONNECT_TIMEOUT', 'connect-timeout', true],
    ['EPIPE', 'reset', false],
    ['UND_ERR_DESTROYED', 'closed', false],
    ['ERR_BAD_OPTION', 'other', false],
  ])('of %s is %s', (code, reason, timeout) => {
    expect(nameTransportFailure(withCode(code), false)).toMatchObject({ reason, code, timeout });
  });

  it.each<[string, unknown]>([
    ['an error without a code', new Error('x')],
    ['a code that is text', withCode('a-secret value')],
    ['a code that is a number', withCode(5)],
    ['no error', 'a-secret'],
    ['nothing', undefined],
  ])('of %s is other, without a code', (_, thrown) => {
    const error = nameTransportFailure(thrown, false);
    expect(error.reason).toBe('other');
    expect(error.code).toBeUndefined();
    expect(error.message).toBe('ExpressPlay could not be asked: the call failed');
  });

  it('is timeout once the deadline has passed, whatever was thrown', () => {
    expect(nameTransportFailure(withCode('ECONNRESET'), true)).toMatchObject({ reason: 'timeout', timeout: true });
  });

  it('carries nothing of the error it names', () => {
    const error = nameTransportFailure(withCode('ECONNRESET'), false);
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('a-secret');
    expect(error.cause).toBeUndefined();
  });
});
