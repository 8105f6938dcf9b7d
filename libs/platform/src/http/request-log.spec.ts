import { Controller, Get, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configureApplication, fastifyAdapter, loggingModule } from './index.js';

@Controller()
class EchoController {
  @Post('echo')
  echo(): string {
    return 'echo';
  }

  @Get('healthy')
  healthy(): string {
    return 'not a health request';
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

describe('request log, pretty', () => {
  const lines: string[] = [];
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const stream = { write: (line: string) => void lines.push(line) };
    const imports = [loggingModule({ level: 'info', pretty: true, stream }), EchoModule];
    const testing = await Test.createTestingModule({ imports }).compile();
    app = testing.createNestApplication<NestFastifyApplication>(fastifyAdapter({ bodyLimitBytes: 1000 }));
    configureApplication(app);
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
