import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestService } from './support/test-service.js';

describe('more requests at once than MAX_REQUESTS_IN_FLIGHT', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ environment: { MAX_REQUESTS_IN_FLIGHT: '1', EXPRESSPLAY_TIMEOUT_MS: '1000' } });
  });
  afterAll(() => service.stop());

  it('are refused with Retry-After on all players’ routes, while health still answers; then all is well again', async () => {
    await service.wires.emulator.hang();
    const bearer = await service.issuer.token('alice');
    const inFlight = service.ask('alice', { contentId: 'sintel', drm: 'playready' });
    await expect
      .poll(async () => (await service.database.query('SELECT FROM token_reservation')).length, { timeout: 5000 })
      .toBe(1);

    const refused = await service.http().get('/v1/entitlements').set('Authorization', `Bearer ${bearer}`);
    expect([refused.status, refused.body.code, refused.headers['retry-after']]).toEqual([503, 'overloaded', '1']);
    expect((await service.http().get('/health/live')).status).toBe(200);
    expect((await inFlight).status).toBe(504);
    const served = await service.http().get('/v1/entitlements').set('Authorization', `Bearer ${bearer}`);
    expect(served.status).toBe(200);
  });
});
