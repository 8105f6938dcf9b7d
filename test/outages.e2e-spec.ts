import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestService } from './support/test-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };
const firstPlays = (service: TestService) =>
  service.database.query<{ first_play_at: Date | null }>(`SELECT first_play_at FROM purchase WHERE user_id = 'bob'`);

describe('ExpressPlay is out of reach', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({
      environment: { EXPRESSPLAY_TIMEOUT_MS: '300' },
    });
  });
  afterAll(() => service.stop());

  it('a stopped one: 503 with Retry-After, a failed row in the ledger, and no clock started; then it recovers by itself', async () => {
    await service.wires.emulator.stop();
    const answer = await service.ask('bob', PLAYREADY);
    expect([answer.status, answer.body.code]).toEqual([503, 'upstream-unavailable']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.body).not.toHaveProperty('token');
    expect(await firstPlays(service)).toEqual([{ first_play_at: null }]);
    expect(await service.ledger()).toMatchObject([
      { user_id: 'bob', decision: 'failed', reason: 'upstream-unavailable', rights_type: 'rental', first_play: false },
    ]);

    await service.wires.emulator.start();
    expect((await service.ask('bob', PLAYREADY)).status).toBe(200);
    expect(await firstPlays(service)).toEqual([{ first_play_at: service.clock.now() }]);
  });

  it('one that accepts and never answers: 504', async () => {
    await service.wires.emulator.hang();
    const answer = await service.ask('alice', PLAYREADY);
    expect([answer.status, answer.body.code]).toEqual([504, 'upstream-timeout']);
    await service.wires.emulator.stop();
    await service.wires.emulator.start();
    expect((await service.ask('alice', PLAYREADY)).status).toBe(200);
  });
});

describe('ExpressPlay refuses', () => {
  it('what we send: 502, details in the log, none to the player, and no clock started', async () => {
    const service = await TestService.start({
      environment: { EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: '201722,00000000000000000000000000000000' },
    });
    const answer = await service.ask('bob', PLAYREADY);
    expect([answer.status, answer.body.code]).toEqual([502, 'upstream-rejected']);
    expect(answer.text).not.toContain('2018');
    expect(service.log.text).toContain('-2018');
    expect(await firstPlays(service)).toEqual([{ first_play_at: null }]);
    expect(await service.ledger()).toMatchObject([
      { decision: 'failed', reason: 'upstream-rejected', expressplay_code: -2018 },
    ]);
    await service.stop();
  });
});

describe('Postgres is out of reach', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ environment: { DATABASE_TIMEOUT_MS: '500' } });
  });
  afterAll(() => service.stop());

  it('503, not ready but alive, no token bought; then all of it recovers by itself', async () => {
    expect((await service.http().get('/health/ready')).status).toBe(200);
    await service.wires.postgres.stop();
    service.clock.advance(1);

    const answer = await service.ask('bob', PLAYREADY);
    expect([answer.status, answer.body.code]).toEqual([503, 'service-unavailable']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    const ready = await service.http().get('/health/ready');
    expect([ready.status, ready.body.error.database.status]).toEqual([503, 'down']);
    expect((await service.http().get('/health/live')).status).toBe(200);

    await service.wires.postgres.start();
    service.clock.advance(1);
    expect((await service.http().get('/health/ready')).status).toBe(200);
    expect((await service.ask('bob', PLAYREADY)).status).toBe(200);
    expect(await service.ledger()).toMatchObject([{ user_id: 'bob', decision: 'granted', first_play: true }]);
  });

  it('when it goes after ExpressPlay has issued the token: an error, and the player never sees the token', async () => {
    const asked = service.wires.emulator.onceForwarded(() => service.wires.postgres.stop());
    const answer = await service.ask('grace', PLAYREADY);
    await asked;
    expect([answer.status, answer.body.code]).toEqual([503, 'service-unavailable']);
    expect(answer.text).not.toContain('ExpressPlayToken');
    await service.wires.postgres.start();
    expect((await service.ledger()).filter(({ user_id: user }) => user === 'grace')).toEqual([]);
  });
});
