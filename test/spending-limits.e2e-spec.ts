import { afterEach, describe, expect, it } from 'vitest';
import { TestService } from './support/test-service.js';

const DRMS = ['playready', 'fairplay', 'widevine'];
let service: TestService;
afterEach(() => service.stop());

/** Requests that are not identical, so that none is shared. */
const askMany = (user: string, contentIds: string[], drms = DRMS) =>
  Promise.all(contentIds.flatMap((contentId) => drms.map((drm) => service.ask(user, { contentId, drm }))));
const granted = (answers: { status: number }[]) => answers.filter(({ status }) => status === 200).length;

describe('a limit on token spending', () => {
  it('per title: exactly as many, then 429 with the seconds until there is room', async () => {
    service = await TestService.start({ environment: { TOKEN_LIMIT_PER_TITLE: '2' } });
    const begin = await service.ask('alice', { contentId: 'sintel', drm: 'playready' });
    service.clock.advance(100);
    const second = await service.ask('alice', { contentId: 'sintel', drm: 'playready' });
    service.clock.advance(100);
    const third = await service.ask('alice', { contentId: 'sintel', drm: 'playready' });
    expect([begin.status, second.status, third.status]).toEqual([200, 200, 429]);
    expect(third.body.code).toBe('rate-limited');
    expect(third.headers['retry-after']).toBe('3400');
    expect((await service.ask('alice', { contentId: 'tears-of-steel', drm: 'playready' })).status).toBe(200);
    expect((await service.ask('grace', { contentId: 'sintel', drm: 'playready' })).status).toBe(200);
    expect((await service.ledger()).filter(({ reason }) => reason === 'rate-limited')).toHaveLength(1);

    service.clock.advance(3399);
    expect((await service.ask('alice', { contentId: 'sintel', drm: 'playready' })).status).toBe(429);
    service.clock.advance(1);
    expect((await service.ask('alice', { contentId: 'sintel', drm: 'playready' })).status).toBe(200);
  });

  it('is exact when requests come at once, per user and per title', async () => {
    service = await TestService.start({ environment: { TOKEN_LIMIT_PER_USER: '4', TOKEN_LIMIT_PER_TITLE: '2' } });
    const answers = await askMany('alice', ['sintel', 'tears-of-steel']);
    expect(granted(answers)).toBe(4);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
    const emulatorIssued = (await service.ledger()).filter(({ decision }) => decision === 'granted');
    expect(emulatorIssued).toHaveLength(4);
  });

  it('counts only tokens that were granted: denials and failures give their place back', async () => {
    service = await TestService.start({ environment: { TOKEN_LIMIT_PER_USER: '1', EXPRESSPLAY_TIMEOUT_MS: '300' } });
    for (let time = 0; time < 3; time += 1) {
      expect((await service.ask('dave', { contentId: 'sintel', drm: 'playready' })).status).toBe(403);
    }
    await service.wires.emulator.stop();
    expect((await service.ask('alice', { contentId: 'sintel', drm: 'playready' })).status).toBe(503);
    await service.wires.emulator.start();
    expect((await service.ask('alice', { contentId: 'big-buck-bunny', drm: 'fairplay' })).status).toBe(409);
    expect(await service.database.query('SELECT * FROM token_reservation')).toEqual([]);
    expect((await service.ask('alice', { contentId: 'sintel', drm: 'playready' })).status).toBe(200);
    expect((await service.ask('alice', { contentId: 'sintel', drm: 'playready' })).status).toBe(429);
  });

  it('forgets a token that was being bought when its process died', async () => {
    service = await TestService.start({
      environment: { TOKEN_LIMIT_PER_USER: '1', EXPRESSPLAY_TIMEOUT_MS: '1000', DATABASE_TIMEOUT_MS: '1000' },
    });
    await service.database.query(`INSERT INTO token_reservation VALUES ($1, 'alice', 'sintel', $2)`, [
      '0'.repeat(32),
      service.clock.now(),
    ]);
    expect((await service.ask('alice', { contentId: 'sintel', drm: 'playready' })).status).toBe(429);
    service.clock.advance(7);
    expect((await service.ask('alice', { contentId: 'sintel', drm: 'playready' })).status).toBe(200);
  });

  it('can be switched off', async () => {
    service = await TestService.start({ environment: { TOKEN_LIMIT_PER_USER: '0', TOKEN_LIMIT_PER_TITLE: '0' } });
    expect(granted(await askMany('alice', ['sintel', 'tears-of-steel']))).toBe(6);
    expect(await service.database.query('SELECT * FROM token_reservation')).toEqual([]);
  });
});

describe('identical requests of one user in flight at once', () => {
  it('share one call, one token and one row in the ledger', async () => {
    service = await TestService.start();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => service.ask('bob', { contentId: 'sintel', drm: 'playready' })),
    );
    expect(granted(answers)).toBe(10);
    const tokens = new Set(answers.map(({ body }) => body.token as string));
    const rows = await service.ledger();
    expect(rows).toHaveLength(tokens.size);
    expect(tokens.size).toBeLessThan(10);
  });
});
