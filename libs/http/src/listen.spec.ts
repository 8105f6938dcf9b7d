import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
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
  const exitCode = process.exitCode;
  afterEach(() => {
    process.exitCode = exitCode;
    vi.restoreAllMocks();
  });

  it('answers with the address, also of a free port', async () => {
    const app = await application();
    const address = await listen(app, { host: '127.0.0.1', port: 0, portVariable: 'PORT' });
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
    expect((await fetch(`${address}/`)).status).toBe(404);
    await app.close();
  });

  it('says in one line that the port is taken and how to choose another, and ends with 1', async () => {
    const taken = await new Promise<Server>((resolve) => {
      const server: Server = createServer().listen(0, '127.0.0.1', () => resolve(server));
    });
    const { port } = taken.address() as AddressInfo;
    const written: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    const before = closed;
    const address = await listen(await application(), { host: '127.0.0.1', port, portVariable: 'SOME_PORT' });
    vi.restoreAllMocks();
    await new Promise((resolve) => taken.close(resolve));
    expect(address).toBeUndefined();
    expect(written).toEqual([
      `Port ${port} on 127.0.0.1 is taken by another process. Choose another one with SOME_PORT, for example SOME_PORT=${port + 1}.\n`,
    ]);
    expect([process.exitCode, closed - before]).toEqual([1, 1]);
  });

  it('says the same of the port for management, and opens none', async () => {
    const taken = await new Promise<Server>((resolve) => {
      const server: Server = createServer().listen(0, '127.0.0.1', () => resolve(server));
    });
    const { port } = taken.address() as AddressInfo;
    const written: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    const app = await application(true);
    const before = closed;
    const address = await listenForManagement(app, { host: '127.0.0.1', port, portVariable: 'MANAGEMENT_PORT' });
    vi.restoreAllMocks();
    await new Promise((resolve) => taken.close(resolve));
    expect(address).toBeUndefined();
    expect(written.join('')).toMatch(/^Port \d+ on 127\.0\.0\.1 is taken .* MANAGEMENT_PORT=\d+\.\n$/);
    expect([process.exitCode, closed - before]).toEqual([1, 1]);
    expect(app.getHttpServer().listening).toBe(false);
  });

  it('opens no port for management where management is not apart', async () => {
    const app = await application();
    const options = { host: '127.0.0.1', port: 0, portVariable: 'MANAGEMENT_PORT' };
    await expect(listenForManagement(app, options)).rejects.toThrow(/no listener for management/);
    await app.close();
  });

  it('does not hide other failures', async () => {
    const app = await application();
    await expect(listen(app, { host: 'no.such.host.invalid', port: 0, portVariable: 'PORT' })).rejects.toThrow(
      /ENOTFOUND|EAI_AGAIN/,
    );
    await app.close();
  });
});
