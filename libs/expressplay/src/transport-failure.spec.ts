import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { withHttpServer, withTcpServer } from '../test-support/local-server.js';
import { failureOf, transport } from '../test-support/transport.js';
import { TransportError, type TransportFailureReason } from './errors.js';
import { nameTransportFailure } from './transport-failure.js';

/** What a failure is named. */
const failure = (reason: TransportFailureReason, timeout: boolean) => ({ kind: 'transport', reason, timeout });

/** An answer as it is, on a bare connection. */
const raw = (text: string) => (socket: Socket) => socket.once('data', () => socket.end(text));

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

  it.each<[string, (socket: Socket) => void]>([
    ['reset', (socket) => socket.resetAndDestroy()],
    ['ended', (socket) => socket.end()],
  ])('names a TLS handshake that is %s', async (_, cut) => {
    await withTcpServer(
      (socket) => socket.once('data', () => cut(socket)),
      async ({ port }) => {
        expect(await failureOf(transport().post(`https://127.0.0.1:${port}`, 'a=1'))).toMatchObject({
          ...failure('connect', false),
          code: 'ECONNRESET',
        });
      },
    );
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

  // undici sends what it has not written to a lost connection on another one: what it has written it must not.
  it.each<[string, (socket: Socket) => void]>([
    ['ended', (socket) => socket.end()],
    ['reset', (socket) => socket.resetAndDestroy()],
  ])('does not have a request sent again whose kept connection is %s', async (_, cut) => {
    let received = '';
    await withTcpServer(
      (socket) =>
        socket.on('data', (bytes) => {
          received += bytes.toString();
          if (received.includes('a=2')) cut(socket);
          else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        }),
      async ({ url, connections }) => {
        const one = transport({ maxConnections: 1 });
        expect((await one.post(url, 'a=1')).body).toBe('ok');
        expect(await failureOf(one.post(url, 'a=2'))).toMatchObject(failure('reset', false));
        expect(connections()).toBe(1);
        await one.close();
        expect(received.split('a=2')).toHaveLength(2);
        expect(connections()).toBe(1);
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

const withCode = (code: unknown): Error => Object.assign(new Error('of a library'), { code, request: 'a-secret' });

describe('the name of a transport failure', () => {
  it.each([
    ['ENOTFOUND', 'connect', false],
    ['EAI_AGAIN', 'connect', false],
    // Of a connection that stood, and had taken the request.
    ['EHOSTUNREACH', 'reset', false],
    ['ETIMEDOUT', 'reset', false],
    ['EPROTO', 'reset', false],
    ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'reset', false],
    ['CERT_HAS_EXPIRED', 'connect', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'connect', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'connect', false],
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
