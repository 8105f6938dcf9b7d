import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { StartRefusedError } from '@app/platform/configuration';
import { fastifyAdapter, listen, listenForManagement } from './index.js';

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
