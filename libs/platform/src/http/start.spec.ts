import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { StartRefusedError } from '@app/platform/configuration';
import {
  adapterOf,
  fastifyAdapter,
  listen,
  listenForManagement,
  Log,
  loggingModule,
  runApplication,
  separateListeners,
} from './index.js';

let closed = 0;

@Module({})
class EmptyModule {
  onModuleDestroy(): void {
    closed += 1;
  }
}

async function application(managementApart = false): Promise<NestFastifyApplication> {
  const testing = await Test.createTestingModule({ imports: [EmptyModule] }).compile();
  return testing.createNestApplication<NestFastifyApplication>(
    fastifyAdapter({ bodyLimitBytes: 1000, managementApart }),
  );
}

describe('listen', () => {
  it('answers with the address, also of a free port', async () => {
    const app = await application();
    const address = await listen(app, { host: '127.0.0.1', port: 0, portVariable: 'PORT' });
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
    expect((await fetch(`${address}/`)).status).toBe(404);
    await app.close();
  });

  it('says that the port is taken and how to choose another, and closes the application', async () => {
    const taken = await new Promise<Server>((resolve) => {
      const server: Server = createServer().listen(0, '127.0.0.1', () => resolve(server));
    });
    const { port } = taken.address() as AddressInfo;
    const before = closed;
    const listening = listen(await application(), { host: '127.0.0.1', port, portVariable: 'SOME_PORT' });
    await expect(listening).rejects.toThrow(
      new StartRefusedError(
        `Port ${port} on 127.0.0.1 is taken by another process. Choose another one with SOME_PORT, for example SOME_PORT=${port + 1}.`,
      ),
    );
    await new Promise((resolve) => taken.close(resolve));
    expect(closed - before).toBe(1);
  });

  it('says the same of the port for management, and opens none', async () => {
    const taken = await new Promise<Server>((resolve) => {
      const server: Server = createServer().listen(0, '127.0.0.1', () => resolve(server));
    });
    const { port } = taken.address() as AddressInfo;
    const app = await application(true);
    const before = closed;
    const options = { host: '127.0.0.1', port, portVariable: 'MANAGEMENT_PORT' };
    await expect(listenForManagement(app, options)).rejects.toThrow(
      /^Port \d+ on 127\.0\.0\.1 is taken .* MANAGEMENT_PORT=\d+\.$/,
    );
    await new Promise((resolve) => taken.close(resolve));
    expect(closed - before).toBe(1);
    expect(app.getHttpServer().listening).toBe(false);
  });

  it('opens no port for management where management is not apart', async () => {
    const app = await application();
    const options = { host: '127.0.0.1', port: 0, portVariable: 'MANAGEMENT_PORT' };
    await expect(listenForManagement(app, options)).rejects.toThrow(/no listener for management/);
    await app.close();
  });

  it.each(['203.0.113.7', 'no.such.host.invalid'])('says that %s is no address of this machine', async (host) => {
    const app = await application(true);
    const before = closed;
    await expect(listenForManagement(app, { host, port: 0, portVariable: 'MANAGEMENT_PORT' })).rejects.toThrow(
      new StartRefusedError(
        `${host} is no address of this machine. Choose one with MANAGEMENT_HOST, for example MANAGEMENT_HOST=127.0.0.1.`,
      ),
    );
    expect(closed - before).toBe(1);
  });

  it('does not hide other failures', async () => {
    const app = await application();
    const options = { host: '127.0.0.1', port: 65_536, portVariable: 'PORT' };
    await expect(listen(app, options)).rejects.toThrow(RangeError);
    await app.close();
  });
});

let host: HttpAdapterHost | undefined;

@Controller()
class NumbersController {
  @Get('numbers')
  numbers(): string {
    return 'management';
  }
}

@Module({ controllers: [NumbersController] })
class NumbersModule {
  constructor(adapterHost: HttpAdapterHost) {
    host = adapterHost;
  }
}

afterEach(() => host?.httpAdapter.close());

it('listens for the public and for management, and says where in one line', async () => {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  await runApplication(() => ({
    name: 'Numbers',
    module: { module: NumbersModule, imports: [loggingModule({ level: 'info', pretty: false, stream })] },
    host: '127.0.0.1',
    port: 0,
    portVariable: 'PORT',
    management: { host: '127.0.0.1', port: 0, portVariable: 'MANAGEMENT_PORT' },
    bodyLimitBytes: 1000,
    configure: async (app) => {
      separateListeners(adapterOf(app).getInstance(), true);
      app.useLogger(app.get(Log));
    },
  }));
  const said = lines.map((line) => JSON.parse(line) as { msg: string; context: string });
  const [line, ...others] = said.filter(({ msg }) => msg.includes('listening'));
  expect(others).toEqual([]);
  const pattern = /^listening on (http:\/\/127\.0\.0\.1:\d+), and for management on (http:\/\/127\.0\.0\.1:\d+)$/;
  const [, open = '', management = ''] = pattern.exec(line?.msg ?? '') ?? [];
  expect(line?.context).toBe('Numbers');
  expect(await (await fetch(`${management}/numbers`)).text()).toBe('management');
  expect((await fetch(`${open}/numbers`)).status).toBe(404);
});
