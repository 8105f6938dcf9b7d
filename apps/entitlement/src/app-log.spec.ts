import { Body, Controller, Get, Module, Post, Query } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Public } from './auth/requires-scope.decorator.js';
import { OverloadedError } from './overload.js';
import { testApplication } from './testing/test-application.js';

@Controller()
@Public('public')
class EchoController {
  @Post('echo')
  echo(@Query() _query: object, @Body() _body: object): string {
    return 'echo';
  }

  @Get('busy')
  busy(): never {
    throw new OverloadedError();
  }

  @Get('healthy')
  healthy(): string {
    return 'not a health request';
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

it('sums up the requests that were refused because there were too many', async () => {
  const lines: string[] = [];
  const app = await testApplication(EchoModule, { lines });
  await app.listen(0, '127.0.0.1');
  lines.splice(0);
  for (let count = 0; count < 5; count += 1) await supertest(app.getHttpServer()).get('/busy').expect(503);
  const logged = () => lines.map((line) => JSON.parse(line) as { count: number });
  const counted = () => logged().reduce((sum, { count }) => sum + count, 0);
  await expect.poll(counted, { timeout: 10_000 }).toBe(5);
  // One a second at most, however slow the machine is.
  expect(lines.length).toBeLessThan(5);
  expect(logged()[0]).toMatchObject({ level: 'warn', code: 'overloaded', msg: 'requests refused' });
  await app.close();
});

describe('request log, pretty', () => {
  const lines: string[] = [];
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await testApplication(EchoModule, { lines, pretty: true });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  it("has no line for each route of a start: Nest's list is for debug", () => {
    expect(lines.join('')).toContain('NestApplication');
    expect(lines.join('')).not.toMatch(/RouterExplorer|RoutesResolver|InstanceLoader/);
  });

  it('never carries headers, query or body', async () => {
    await supertest(app.getHttpServer())
      .post('/echo?ExpressPlayToken=canary1&other=canary2')
      .set('Authorization', 'Bearer canary3')
      .set('Cookie', 'session=canary4')
      .set('X-Custom', 'canary5')
      .send({ contentKey: 'canary6' })
      .expect(201);
    expect(lines.join('')).toMatch(/request completed[^]*\/echo/);
    expect(lines.join('')).not.toContain('canary');
  });

  it('takes no path for a health request that only begins alike', async () => {
    lines.splice(0);
    await supertest(app.getHttpServer()).get('/healthy').expect(200);
    expect(lines.join('')).toContain('/healthy');
  });
});
