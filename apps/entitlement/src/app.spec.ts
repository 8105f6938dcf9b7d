import { type AddressInfo, connect } from 'node:net';
import { DomainError } from '@app/platform/problems';
import { Body, Controller, Get, HttpCode, Module, Param, Post, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { IsString, Length } from 'class-validator';
import supertest from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Public } from './auth/requires-scope.decorator.js';
import { testApplication } from './testing/test-application.js';

const AUTHENTICATOR = `201722,${'ab12'.repeat(8)}`;

class Thing {
  @IsString()
  @Length(1, 10)
  name!: string;
}

class OutOfStockError extends DomainError {
  constructor() {
    super('upstream-unavailable', 'Come back.', {
      retryAfterSeconds: 1.2,
      extensions: { reason: 'stock', status: 200 },
    });
  }
}

@Controller()
@Public('public')
class ThingsController {
  @Post('things')
  @HttpCode(201)
  add(@Body() { name }: Thing, @Req() { facts }: FastifyRequest): Thing {
    Object.assign(facts, { userId: 'u1', decision: 'granted' });
    if (name === 'faulty') throw new Error('no');
    return { name };
  }

  @Get('things/:id')
  read(@Param('id') id: string): string {
    return id;
  }

  @Get('boom')
  boom(): never {
    throw Object.assign(new Error(`refused customerAuthenticator=${AUTHENTICATOR}`), {
      config: { data: AUTHENTICATOR },
    });
  }

  @Get('stock')
  stock(): never {
    throw new OutOfStockError();
  }

  @Get('health/live')
  live(): string {
    return 'ok';
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

describe('an application', () => {
  const lines: string[] = [];
  let app: NestFastifyApplication;
  let http: ReturnType<typeof supertest>;

  beforeAll(async () => {
    app = await testApplication(ThingsModule, { lines });
    await app.listen(0, '127.0.0.1');
    http = supertest(app.getHttpServer());
  });
  beforeEach(() => void lines.splice(0));
  afterAll(() => app.close());

  function logged(): Record<string, unknown>[] {
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  it('answers with the request id that came in, in the header, the log and problems', async () => {
    const answer = await http.get('/nowhere?ExpressPlayToken=canary').set('X-Request-Id', 'abc-1._Z');
    expect(answer.status).toBe(404);
    expect(answer.headers).toMatchObject({
      'x-request-id': 'abc-1._Z',
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(answer.body).toEqual({
      type: 'urn:expressplay-bff:problem:route-not-found',
      title: 'No such address',
      status: 404,
      detail: 'There is nothing at this address.',
      code: 'route-not-found',
      requestId: 'abc-1._Z',
    });
    expect(logged()).toMatchObject([
      { level: 'info', requestId: 'abc-1._Z', request: { method: 'GET', path: '/nowhere' }, response: { status: 404 } },
    ]);
    expect(lines.join('')).not.toContain('canary');
  });

  it.each(['', 'with space', 'x'.repeat(129), 'a\tb', '<script>'])('replaces the request id %j', async (id) => {
    const answer = await http.get('/things/1').set('X-Request-Id', id);
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('adds the facts of a request to its lines', async () => {
    await http.post('/things').send({ name: 'a' }).expect(201, { name: 'a' });
    await http.post('/things').send({ name: 'faulty' }).expect(500);
    const [completion, fault, failure] = logged();
    const facts = { userId: 'u1', decision: 'granted' };
    expect(completion).toMatchObject({ msg: 'request completed', ...facts, response: { status: 201 } });
    expect(fault).toMatchObject({ code: 'internal-error', ...facts, requestId: expect.any(String) });
    expect(failure).toMatchObject({ msg: 'request failed', ...facts, requestId: fault?.['requestId'] });
    expect(completion?.['durationMs']).toEqual(expect.any(Number));
  });

  it('keeps the facts when the body comes later than the head', async () => {
    const body = JSON.stringify({ name: 'late' });
    const { port } = app.getHttpServer().address() as AddressInfo;
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => {
        const head = ['POST /things HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Connection: close'];
        // The server says 100 when it has read the head and waits for the body.
        socket.write(`${[...head, 'Expect: 100-continue', `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n`);
      });
      socket.on('data', (chunk) => {
        text += chunk.toString();
        if (text.endsWith('100 Continue\r\n\r\n')) setImmediate(() => socket.write(body));
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toContain('201 Created');
    expect(logged().at(-1)).toMatchObject({ msg: 'request completed', decision: 'granted' });
  });

  it.each([
    ['malformed JSON', '{"name":', 'application/json', 400, 'invalid-request'],
    ['an empty body', '', 'application/json', 400, 'invalid-request'],
    ['a list', '[]', 'application/json', 400, 'invalid-request'],
    ['null', 'null', 'application/json', 400, 'invalid-request'],
    ['a number', '7', 'application/json', 400, 'invalid-request'],
    ['a string', '"name"', 'application/json', 400, 'invalid-request'],
    ['a poisoned prototype', '{"__proto__":{"name":"a"}}', 'application/json', 400, 'invalid-request'],
    ['text', 'name', 'text/plain', 415, 'unsupported-media-type'],
    ['a form', 'name=a', 'application/x-www-form-urlencoded', 415, 'unsupported-media-type'],
    ['xml', '<name/>', 'application/xml', 415, 'unsupported-media-type'],
    ['too much', JSON.stringify({ name: 'x'.repeat(1000) }), 'application/json', 413, 'payload-too-large'],
  ])('answers a body of %s with a problem', async (_, body, type, status, code) => {
    const answer = await http.post('/things').set('Content-Type', type).send(body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(lines.join('')).not.toContain('"err"');
  });

  it('names every wrong field and never a value', async () => {
    const answer = await http.post('/things').send({ name: 'canary-canary', extra: 'canary' }).expect(400);
    expect(answer.body.errors).toEqual([
      { field: 'extra', message: 'is not a known field' },
      { field: 'name', message: 'must be shorter than or equal to 10 characters' },
    ]);
    expect(answer.body.detail).toBe('Check these fields: extra, name.');
    expect(answer.text).not.toContain('canary');
  });

  it.each([
    ['put', '/things', 'POST'],
    ['delete', '/things/7?x=1', 'GET, HEAD'],
    ['post', '/things/7', 'GET, HEAD'],
  ] as const)('answers %s %s with 405 and Allow', async (method, path, allow) => {
    const answer = await http[method](path).set('Content-Type', 'application/xml').send('<a/>');
    expect([answer.status, answer.body.code, answer.headers['allow']]).toEqual([405, 'method-not-allowed', allow]);
  });

  it('answers OPTIONS and HEAD', async () => {
    const options = await http.options('/things');
    expect([options.status, options.headers['allow']]).toEqual([204, 'POST']);
    await http.head('/things/7').expect(200);
    await http.head('/nowhere').expect(404);
    await http.options('/nowhere').expect(404);
  });

  it.each(['/%zz', '/things/%E0%A4%A'])('answers the bad address %s', async (path) => {
    const answer = await http.get(path).set('X-Request-Id', 'r1');
    expect([answer.status, answer.body.code, answer.body.requestId]).toEqual([400, 'invalid-request', 'r1']);
    expect(answer.headers).toMatchObject({ 'x-request-id': 'r1', connection: 'close' });
    expect(logged()).toMatchObject([{ requestId: 'r1', request: { method: 'GET', path }, response: { status: 400 } }]);
  });

  it('answers an address that is too long for its route as one with nothing at it', async () => {
    const [path, other] = [`/things/${'x'.repeat(1100)}`, `/nothing/${'x'.repeat(1100)}`];
    const [answer, nothing] = [await http.get(path), await http.get(other)];
    expect([answer.status, answer.body.code]).toEqual([404, 'route-not-found']);
    expect({ ...answer.body, requestId: '' }).toEqual({ ...nothing.body, requestId: '' });
    expect(logged()).toMatchObject([
      { request: { path: '/things/[scrubbed]' } },
      { request: { path: '/nothing/[scrubbed]' } },
    ]);
  });

  it('answers an unknown error with its code only and logs it once, scrubbed', async () => {
    const answer = await http.get('/boom').expect(500);
    expect(answer.body).toMatchObject({ code: 'internal-error', title: 'Internal error' });
    expect(answer.text).not.toMatch(/refused|ab12|spec\.ts/);
    const errors = logged().filter(({ err }) => err !== undefined);
    expect(errors).toMatchObject([{ level: 'error', context: 'ProblemFilter', requestId: answer.body.requestId }]);
    expect(errors[0]?.['err']).toMatchObject({ type: 'Error', stack: expect.stringContaining('spec.ts') });
    expect(lines.join('')).not.toContain('ab12');
    expect(logged().at(-1)).toMatchObject({ level: 'error', response: { status: 500 } });
  });

  it('answers a domain error with its extensions and Retry-After in whole seconds', async () => {
    const answer = await http.get('/stock').expect(503);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.body).toMatchObject({
      code: 'upstream-unavailable',
      status: 503,
      reason: 'stock',
      detail: 'Come back.',
    });
    expect(logged().map(({ level }) => level)).toEqual(['warn', 'warn']);
  });

  it('does not log health requests at info', async () => {
    await http.get('/health/live').expect(200);
    expect(lines).toEqual([]);
  });

  it('takes a caller that hangs up for no error', async () => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const head = 'POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head}Expect: 100-continue\r\n\r\n`));
    const ended = new Promise((resolve) => socket.on('close', resolve));
    socket.once('data', () => socket.write('{"name":', () => socket.destroy()));
    await ended;
    await expect.poll(() => lines.length).toBeGreaterThan(0);
    expect(logged()).toMatchObject([{ level: 'info', msg: 'request aborted' }]);
  });

  it('answers what is not HTTP with a problem', async () => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => socket.write('HELLO\r\n\r\n'));
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 [^]*"code":"invalid-request"/);
  });
});
