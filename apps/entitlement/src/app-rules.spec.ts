import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { Body, Controller, Delete, Get, Header, HttpCode, Module, Param, Post, Query, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsOptional, IsString, Length } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenForManagement, StreamedBody } from '@app/platform/http';
import { Public } from './auth/requires-scope.decorator.js';
import { testApplication } from './testing/test-application.js';

const ORIGIN = 'https://player.example';

class Page {
  @IsOptional()
  @IsString()
  @Length(1, 5)
  cursor?: string;
}

class Thing {
  @IsString()
  name!: string;
}

@Controller()
@Public('public')
class ThingsController {
  @Get('things')
  @Header('Vary', 'Accept')
  list(@Query() page: Page): Page {
    return page;
  }

  @Get('named')
  named(@Query('name') name: string | undefined, @Query('kind') kind: string | undefined): unknown {
    return { name, kind };
  }

  @Get('things/:id')
  read(@Param('id') id: string): string {
    return id;
  }

  @Post('things')
  add(@Body() thing: Thing): Thing {
    return thing;
  }

  @Delete('things/:id')
  @HttpCode(204)
  remove(): void {}

  @Post('import')
  @StreamedBody('application/x-ndjson')
  async import(@Req() request: FastifyRequest): Promise<number> {
    let length = 0;
    for await (const chunk of request.body as AsyncIterable<Buffer>) length += chunk.length;
    return length;
  }

  @Post('admin/things')
  @Public('management')
  admin(@Body() thing: Thing): Thing {
    return thing;
  }

  @Get('admin/things/:id')
  @Public('management')
  readAsAdmin(@Param('id') id: string): string {
    return id;
  }

  @Post('admin/import')
  @Public('management')
  @StreamedBody('application/x-ndjson')
  importAsAdmin(): void {}

  @Get('health')
  @Public('both')
  health(): string {
    return 'ok';
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

describe('an application with rules and a listener for management', () => {
  let app: NestFastifyApplication;
  let http: ReturnType<typeof supertest>;
  let management: ReturnType<typeof supertest>;

  beforeAll(async () => {
    const variables = { CORS_ALLOWED_ORIGINS: ORIGIN };
    app = await testApplication(ThingsModule, { variables, managementApart: true });
    const address = await listenForManagement(app, { host: '127.0.0.1', port: 0, portVariable: 'MANAGEMENT_PORT' });
    management = supertest(address ?? '');
    await app.listen(0, '127.0.0.1');
    http = supertest(`http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`);
  });
  afterAll(() => app.close());

  it.each([
    ['/things?cursor=abc', 200],
    ['/things', 200],
    ['/named?name=a&kind=b', 200],
    ['/things?cursor=abcdef', 400],
    ['/things?cursor=a&cursor=b', 400],
    ['/things?cursor=a&limit=1', 400],
    ['/things?__proto__=a', 400],
    ['/things?constructor=a', 400],
    ['/named?name=a&other=b', 400],
    ['/named?__proto__=a', 400],
    ['/things/7', 200],
    ['/things/7?x', 400],
    ['/health?x=1', 400],
  ])('answers the query of %s with %i', async (path, status) => {
    const answer = await http.get(path);
    expect([answer.status, answer.body.code]).toEqual([status, status === 400 ? 'invalid-request' : undefined]);
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
  });

  it('names the unknown fields of a query', async () => {
    const answer = await http.get('/things/7?one=canary&two=canary');
    expect(answer.body.errors).toEqual([
      { field: 'one', message: 'is not a known field' },
      { field: 'two', message: 'is not a known field' },
    ]);
    expect(answer.text).not.toContain('canary');
  });

  it('refuses a body that no handler reads', async () => {
    expect((await http.delete('/things/7')).status).toBe(204);
    const answer = await http.delete('/things/7').send({ force: true });
    expect([answer.status, answer.body.errors]).toEqual([400, [{ field: 'body', message: 'must be empty' }]]);
  });

  it('streams the bodies of routes that say so, beyond the limit, and no others', async () => {
    const lines = '{}\n'.repeat(1000);
    const imported = await http.post('/import').set('Content-Type', 'application/x-ndjson').send(lines);
    expect([imported.status, imported.text]).toEqual([201, '3000']);
    expect((await http.post('/import').send({ name: 'a' })).status).toBe(415);
    const thing = await http.post('/things').set('Content-Type', 'application/x-ndjson').send('{"name":"a"}');
    expect(thing.status).toBe(415);
  });

  it('adds Origin to what an answer varies by', async () => {
    expect((await http.get('/things')).headers['vary']).toBe('Accept, Origin');
    expect((await http.get('/things/7').set('Origin', ORIGIN)).headers).toMatchObject({
      vary: 'Origin',
      'access-control-allow-origin': ORIGIN,
    });
  });

  it('serves management on its own listener, and public routes not there', async () => {
    expect((await management.post('/admin/things').send({ name: 'a' })).status).toBe(201);
    expect((await management.get('/things/7')).status).toBe(404);
    expect((await management.get('/health')).status).toBe(200);
    expect((await http.get('/health')).status).toBe(200);
  });

  it('lets no page of a browser call management', async () => {
    const answer = await management
      .options('/admin/things')
      .set('Origin', ORIGIN)
      .set('Access-Control-Request-Method', 'POST');
    expect(answer.status).toBe(204);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it.each([
    ['get', '/admin/things'],
    ['post', '/admin/things'],
    ['delete', '/admin/things'],
    ['options', '/admin/things'],
    ['post', '/admin%2Fthings'],
    ['post', '/%61dmin/things'],
    ['post', '/./admin/things'],
    ['post', '//admin/things'],
    ['post', '/admin/things/'],
    ['post', '/ADMIN/things'],
    ['get', `/admin/things/${'x'.repeat(1100)}`],
  ] as const)('answers %s %s in public as it answers where nothing is', async (method, path) => {
    const answers = [];
    for (const asked of [path, '/nothing/here']) {
      const call = http[method](asked).set('X-Request-Id', 'r').set('Origin', ORIGIN).set('Content-Type', 'text/plain');
      const answer = await (method === 'post' ? call.send('{"name":') : call);
      const { date: _, ...headers } = answer.headers as Record<string, string>;
      answers.push({ status: answer.status, headers, text: answer.text });
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.status).toBe(404);
  });

  it.each(['/admin/import', '/nothing/here'])(
    'answers %s in public, and waits for the rest of its body',
    async (path) => {
      const { port } = app.getHttpServer().address() as AddressInfo;
      const socket = connect(port, '127.0.0.1');
      const events: string[] = [];
      socket.on('end', () => events.push('end'));
      const head = [`POST ${path} HTTP/1.1`, 'Host: x', 'Content-Type: application/x-ndjson', 'Content-Length: 10'];
      socket.write(`${head.join('\r\n')}\r\n\r\n{`);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      events.push(answer.toString().slice(0, 12));
      // A second request shows that the connection was kept.
      socket.write(`${' '.repeat(9)}GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      const [second] = (await once(socket, 'data')) as [Buffer];
      events.push(second.toString().slice(0, 12));
      await once(socket, 'close');
      expect(events).toEqual(['HTTP/1.1 404', 'HTTP/1.1 200', 'end']);
    },
  );
});
