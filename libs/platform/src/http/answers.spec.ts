import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Logger } from '@nestjs/common';
import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { noteProblem } from '@app/platform/problems';
import { type Answered, Answers } from './answers.js';
import { closeQueuedResponses } from './connections.js';

describe('Answers', () => {
  let server: FastifyInstance;
  const told: Answered[] = [];
  const answers = new Answers();
  answers.subscribe(({ route, method, outcome, seconds }) => told.push({ route, method, outcome, seconds }));

  async function start(listener: RequestListener): Promise<number> {
    server = fastify();
    answers.watch(server);
    closeQueuedResponses(server);
    for (const url of ['/', '/a/:b']) {
      server.all(url, (request, reply) => {
        reply.hijack();
        listener(request.raw, reply.raw);
      });
    }
    server.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    await server.listen({ host: '127.0.0.1', port: 0 });
    return (server.server.address() as AddressInfo).port;
  }
  afterEach(async () => {
    told.length = 0;
    await server.close();
  });

  it.each([
    ['ok', 204, undefined],
    ['service-unavailable', 503, undefined],
    ['invalid-request', 418, undefined],
    ['internal-error', 500, undefined],
    ['overloaded', 503, 'overloaded'],
  ] as const)('tell that one was %s: %i, %s', async (outcome, status, code) => {
    const port = await start((_request, response) => {
      if (code !== undefined) noteProblem(response, code);
      response.writeHead(status).end();
    });
    await fetch(`http://127.0.0.1:${port}/a/b`, { method: 'PUT' });
    expect(told).toEqual([{ route: '/a/:b', method: 'PUT', outcome, seconds: expect.any(Number) }]);
  });

  it('tell that one never got to its end', async () => {
    const port = await start((_request, response) => void response.write('a part'));
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    socket.destroy();
    await expect.poll(() => told).toMatchObject([{ route: '/', method: 'GET', outcome: 'aborted' }]);
  });

  it.each([
    ['without bodies', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'GET'],
    ['with bodies, read', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab', 'POST'],
  ])('tell of pipelined requests whose turn never came, each once, %s', async (_, request, method) => {
    let came = 0;
    const port = await start((message, response) => {
      message.resume();
      came += 1;
      // The answer to a later one waits for that to the first.
      if (came > 1) response.end('an answer');
    });
    const socket = connect(port, '127.0.0.1');
    socket.write(request.repeat(3));
    await expect.poll(() => came).toBe(3);
    socket.destroy();
    await expect.poll(() => told.length).toBe(3);
    expect(told).toMatchObject(Array.from({ length: 3 }, () => ({ method, outcome: 'aborted' })));
  });

  it('outlive what a listener throws, and the log has it, scrubbed', async () => {
    const logged: unknown[][] = [];
    const log = { log: () => undefined, warn: () => undefined, error: (...line: unknown[]) => void logged.push(line) };
    Logger.overrideLogger(log);
    const secret = `201722,${'ab12'.repeat(8)}`;
    const unsubscribe = answers.subscribe(() => {
      throw Object.assign(new Error(`customerAuthenticator=${secret}`), { request: { secret } });
    });
    const port = await start((_request, response) => void response.end());
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    await expect.poll(() => told).toMatchObject([{ outcome: 'ok' }]);
    unsubscribe();
    Logger.overrideLogger(new Logger());
    expect(logged).toMatchObject([[{ err: { type: 'Error' } }, 'a listener to answers failed', 'Answers']]);
    expect(JSON.stringify(logged)).not.toContain('ab12ab12');
  });

  it('tell nobody who has had enough', async () => {
    const more: Answered[] = [];
    const unsubscribe = answers.subscribe((answered) => more.push(answered));
    await start(() => undefined);
    answers.unreadable('invalid-request');
    unsubscribe();
    answers.unreadable('invalid-request');
    expect([told.length, more.length]).toEqual([2, 1]);
    expect(more).toEqual([{ route: undefined, method: undefined, outcome: 'invalid-request', seconds: undefined }]);
  });
});
