import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { Body, Controller, Module, Post, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { StreamedBody } from '@app/platform/http';
import { Public } from './auth/requires-scope.decorator.js';
import { testApplication } from './testing/test-application.js';

@Controller()
@Public('public')
class BodiesController {
  @Post('streamed')
  @StreamedBody('text/csv')
  async streamed(@Req() request: FastifyRequest): Promise<{ bytes: number }> {
    let bytes = 0;
    for await (const piece of request.body as IncomingMessage) bytes += (piece as Buffer).length;
    return { bytes };
  }

  @Post('refused')
  @StreamedBody('text/csv')
  refused(): { read: false } {
    return { read: false };
  }

  @Post('whole')
  whole(@Body() body: object): object {
    return body;
  }
}

@Module({ controllers: [BodiesController] })
class BodiesModule {}

let app: NestFastifyApplication;
let port: number;
beforeAll(async () => {
  app = await testApplication(BodiesModule, { bodyLimitBytes: 100 });
  await app.listen(0, '127.0.0.1');
  port = (app.getHttpServer().address() as AddressInfo).port;
});
afterAll(() => app.close());

describe('a route that streams its body', () => {
  it('takes more than the limit of other routes', async () => {
    const http = supertest(app.getHttpServer());
    const streamed = await http.post('/streamed').set('Content-Type', 'text/csv').send('x'.repeat(100_000));
    expect(streamed.body).toEqual({ bytes: 100_000 });
    expect((await http.post('/whole').send({ x: 'x'.repeat(100) })).status).toBe(413);
  });

  it.each([
    ['/streamed', 'application/json', 'text/csv'],
    ['/streamed', undefined, 'text/csv'],
    ['/whole', 'text/csv', 'application/json'],
  ])('takes its own media type alone: %s with %s', async (path, type, wanted) => {
    const post = supertest(app.getHttpServer()).post(path);
    const answer = await (type === undefined ? post : post.set('Content-Type', type)).send('{}');
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported-media-type']);
    expect(answer.body.detail).toContain(wanted);
  });

  it('that answers before the body has ended ends the connection', async () => {
    const socket = await open('/refused', 'text/csv', 1000);
    const text = await everythingFrom(socket);
    expect(text).toContain('201 Created');
    expect(text).toContain('{"read":false}');
  });
});

describe('a body that takes long to come', () => {
  it('is cut off after ten seconds, but not where it is streamed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const [whole, streamed] = [await open('/whole', 'application/json', 10), await open('/streamed', 'text/csv', 10)];
      vi.advanceTimersByTime(9999);
      expect(whole.readableEnded || streamed.readableEnded).toBe(false);
      vi.advanceTimersByTime(1);
      expect(await everythingFrom(whole)).toContain('408 Request Timeout');
      streamed.write('x'.repeat(9));
      await once(streamed, 'data');
      streamed.destroy();
    } finally {
      vi.useRealTimers();
    }
  });
});

/** Sends the headers of a request and the first byte of its body, and waits until the server has seen them. */
async function open(path: string, type: string, length: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const seen = once(app.getHttpServer(), 'request');
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\nx`);
  await seen;
  return socket;
}

async function everythingFrom(socket: Socket): Promise<string> {
  let text = '';
  for await (const piece of socket) text += String(piece);
  return text;
}
