import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestService } from './support/test-service.js';

describe('health', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it.each(['live', 'ready', 'startup'])('/health/%s is 200 when all is well, and is not cached', async (probe) => {
    const answer = await service.http().get(`/health/${probe}`);
    expect([answer.status, answer.body.status]).toEqual([200, 'ok']);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('is not ready, nor started, while migrations are pending, and names them', async () => {
    await service.database.query(`ALTER TABLE _prisma_migrations RENAME TO hidden`);
    for (const probe of ['ready', 'startup']) {
      const answer = await service.http().get(`/health/${probe}`);
      expect(answer.status).toBe(503);
      expect(answer.body.error.database.message).toMatch(/migrations are pending: \d+_/);
    }
    expect((await service.http().get('/health/live')).status).toBe(200);
    await service.database.query(`ALTER TABLE hidden RENAME TO _prisma_migrations`);
    expect((await service.http().get('/health/ready')).status).toBe(200);
  });
});

describe('shutting down', () => {
  it('is not ready from the signal on, still answers, lets requests in flight finish, and then is gone', async () => {
    const service = await TestService.start({ environment: { SHUTDOWN_DRAIN_SECONDS: '1' } });
    let closing: Promise<void> | undefined;
    let whileDraining: unknown;
    // While the request is on its way to ExpressPlay, the signal comes.
    const signalled = service.wires.emulator.onceForwarded(async () => {
      closing = service.terminate();
      whileDraining = (await service.http().get('/health/ready')).body;
    });
    const answer = await service.ask('alice', { contentId: 'sintel', drm: 'playready' });
    await signalled;
    expect(whileDraining).toMatchObject({ status: 'error', error: { draining: { status: 'down' } } });
    expect(answer.status).toBe(200);
    await closing;
    await expect(fetch(`${service.url}/health/live`)).rejects.toThrow(/fetch failed/);
    await service.stop();
  });
});
