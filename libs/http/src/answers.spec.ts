import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { noteProblem } from '@app/problems';
import { type Answered, Answers } from './answers.js';

describe('Answers', () => {
  let server: Server;
  const told: Answered[] = [];
  const answers = new Answers();
  answers.subscribe((answered) => told.push(answered));

  async function start(listener: RequestListener): Promise<number> {
    server = createServer(listener).listen(0, '127.0.0.1');
    answers.watch(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
  afterEach(async () => {
    told.length = 0;
    const closed = once(server, 'close');
    server.close();
    await closed;
  });

  it.each([
    ['ok', 204, undefined],
    ['service-unavailable', 503, undefined],
    ['invalid-request', 418, undefined],
    ['internal-error', 500, undefined],
    ['overloaded', 503, 'overloaded'],
  ] as const)('tell that one was %s: %i, %s', async (outcome, status, code) => {
    const port = await start((request, response) => {
      answers.routed(request, '/a/:b');
      if (code !== undefined) noteProblem({ raw: response }, code);
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
    await expect.poll(() => told).toMatchObject([{ route: undefined, method: 'GET', outcome: 'aborted' }]);
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
