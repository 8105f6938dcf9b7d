import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stages } from '../apps/entitlement/src/observability/stages.js';
import { PurchaseClient, rental } from './admin/purchase-client.js';
import { TestService } from './support/test-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' } as const;
const FAIRPLAY = { contentId: 'sintel', drm: 'fairplay' } as const;

let service: TestService;
let store: PurchaseClient;

describe('the ends of tokens and of licences', () => {
  beforeEach(async () => {
    service = await TestService.start();
    store = await PurchaseClient.of(service);
  });
  afterEach(() => service.stop());

  it('a token ends at the moment that is sent, told and written down', async () => {
    service.clock.advance(0.4);
    const answer = await service.issue('alice', PLAYREADY);
    const end = new Date(service.clock.now().getTime() + 300_000).toISOString();
    expect(answer.tokenExpiresAt).toBe(`${end.slice(0, 19)}Z`);
    expect((await service.carried(answer.token)).expirationTime).toBe(answer.tokenExpiresAt);
    const [row] = await service.database.query('SELECT token_expires_at FROM issuance');
    expect(row).toEqual({ token_expires_at: new Date(answer.tokenExpiresAt) });
  });

  it('a clock that jumps ahead by months while a token is bought ends it, and the ledger says so', async () => {
    const held = service.wires.emulator.hold('to-client');
    const asking = service.ask('alice', PLAYREADY);
    await held.met;
    service.clock.advance(60 * 86_400);
    held.letGo();
    expect((await asking).body.code).toBe('upstream-timeout');
    const rows = await service.database.query('SELECT reason, duration_ms FROM issuance');
    expect(rows).toEqual([{ reason: 'upstream-timeout', duration_ms: 2 ** 31 - 1 }]);
  });

  it.each([
    ['fairplay', 'rentalDuration'],
    ['widevine', 'licenseDuration'],
  ] as const)('a %s licence redeemed at the last moment ends with the rental', async (drm, duration) => {
    await store.put('short', rental({ playDurationSeconds: 100 }));
    const begin = service.clock.now().getTime();
    for (const [passed, left] of [
      [0, 100],
      [50.3, 49],
      [46.6, 3],
      [1, 2],
    ] as const) {
      service.clock.advance(passed);
      const { token, rights, tokenExpiresAt } = await service.issue('frank', { contentId: 'sintel', drm });
      const seconds = Number((await service.carried(token))[duration]);
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(rights.playDurationSeconds).toBe(seconds);
      const end = begin + 100_000;
      expect(Date.parse(tokenExpiresAt) + seconds * 1000).toBeLessThanOrEqual(end);
      expect(left - seconds).toBeLessThanOrEqual(Math.max(1, left / 2));
    }
    service.clock.advance(0.2);
    const over = await service.ask('frank', { contentId: 'sintel', drm });
    expect([over.status, over.body.reason]).toEqual([403, 'play-window-ended']);
  });

  describe('a rental whose end passes while its token is bought', () => {
    beforeEach(async () => {
      await store.put('ending', rental({ playDurationSeconds: 100 }));
      await service.issue('frank', PLAYREADY);
      service.clock.advance(90);
    });

    const passages: [string, () => Promise<void>][] = [
      ['before it is asked for', () => advanceIn('before', 11)],
      ['before ExpressPlay reads the request', () => advanceOnTheWay(11)],
      ['before the token arrives', () => advanceIn('after', 11)],
    ];
    it.each(passages)('%s: refused as ended', async (_name, arrange) => {
      await arrange();
      const answer = await service.ask('frank', FAIRPLAY);
      expect([answer.status, answer.body.reason]).toEqual([403, 'play-window-ended']);
      expect((await service.ledger()).at(-1)).toMatchObject({
        decision: 'denied',
        reason: 'play-window-ended',
        rights_type: 'rental',
        expressplay_code: null,
        first_play: false,
      });
    });

    it('not the end, but the end of the token: it came too late', async () => {
      await advanceOnTheWay(6);
      const answer = await service.ask('frank', FAIRPLAY);
      expect([answer.status, answer.body.code]).toEqual([504, 'upstream-timeout']);
      expect((await service.ledger()).at(-1)).toMatchObject({ decision: 'failed', reason: 'upstream-timeout' });
    });
  });

  it('a rental that is not started and whose token came too late is not started', async () => {
    await advanceIn('after', 61);
    const answer = await service.ask('bob', FAIRPLAY);
    expect([answer.status, answer.body.code]).toEqual([504, 'upstream-timeout']);
    const bought = await service.database.query(`SELECT first_play_at FROM purchase WHERE user_id = 'bob'`);
    expect(bought).toEqual([{ first_play_at: null }]);
  });

  /** Moves the clock before ExpressPlay is asked, or after it has answered. */
  function advanceIn(place: 'before' | 'after', seconds: number): Promise<void> {
    const stages = service.app.get(Stages);
    const run = stages.run.bind(stages);
    stages.run = async (stage, work) => {
      if (stage === 'upstream' && place === 'before') service.clock.advance(seconds);
      const outcome = await run(stage, work);
      if (stage === 'upstream' && place === 'after') service.clock.advance(seconds);
      return outcome;
    };
    return Promise.resolve();
  }

  function advanceOnTheWay(seconds: number): Promise<void> {
    void service.wires.emulator.onceForwarded(() => {
      service.clock.advance(seconds);
      return Promise.resolve();
    });
    return Promise.resolve();
  }
});
