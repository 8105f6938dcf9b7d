import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestService } from './support/test-service.js';

const MINUTE = 60;
const PLAYREADY = { contentId: 'sintel', drm: 'playready' } as const;
const FAIRPLAY = { contentId: 'sintel', drm: 'fairplay' } as const;

describe('a viewer who is entitled gets a token that carries what they are entitled to', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it('an owner on PlayReady: BuyToOwn and no rental parameter', async () => {
    const answer = await service.ask('alice', PLAYREADY);
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['x-request-id']).toBeTruthy();
    expect(answer.body).toMatchObject({
      contentId: 'sintel',
      drm: 'playready',
      rights: { type: 'buy-to-own', endsAt: null, playDurationSeconds: null, persistent: false },
    });
    expect(answer.body.id).toMatch(/^[0-9a-f]{32}$/);
    expect(answer.body.licenseUrl).toBe(`${answer.body.licenseAcquisitionUrl}?ExpressPlayToken=${answer.body.token}`);

    const carried = await service.carried(answer.body.token);
    expect(carried).toMatchObject({
      rightsType: 'BuyToOwn',
      cookie: answer.body.id,
      expirationTime: answer.body.tokenExpiresAt,
      errorFormat: 'json',
    });
    expect(Object.keys(carried).filter((name) => name.startsWith('rental') || name === 'generalFlags')).toEqual([]);
    expect(carried).toMatchObject({ kek: '[redacted]', ek: '[redacted]', customerAuthenticator: '[redacted]' });
    expect(carried).not.toHaveProperty('contentKey');
  });

  it.each([
    ['allowed by the policy: a persistent licence', 'sintel', true, '00000001'],
    ['not allowed by the policy: an ordinary licence', 'tears-of-steel', false, undefined],
  ])('an owner who wants to keep it, %s', async (_name, contentId, persistent, generalFlags) => {
    const answer = await service.issue('alice', { contentId, drm: 'playready', offline: true });
    expect(answer.rights).toMatchObject({ type: 'buy-to-own', persistent });
    expect((await service.carried(answer.token)).generalFlags).toBe(generalFlags);
  });

  it("the output policy's levels", async () => {
    const answer = await service.issue('alice', { contentId: 'tears-of-steel', drm: 'playready' });
    expect(await service.carried(answer.token)).toMatchObject({
      analogVideoOPL: '201',
      compressedDigitalAudioOPL: '300',
      compressedDigitalVideoOPL: '500',
      uncompressedDigitalAudioOPL: '300',
      uncompressedDigitalVideoOPL: '300',
      unknownOutputBehavior: 'Disallow',
    });
  });

  it('an owner on FairPlay: no rentalDuration', async () => {
    const answer = await service.issue('alice', FAIRPLAY);
    expect(answer.licenseUrl).toContain(answer.token);
    expect(answer.licenseAcquisitionUrl).not.toContain(answer.token);
    const carried = await service.carried(answer.token);
    expect(carried).not.toHaveProperty('rentalDuration');
    expect(carried.iv).toMatch(/^[0-9a-f]{32}$/);
  });

  it("an owner on Widevine: the policy's security level and HDCP, and no licenseDuration", async () => {
    const answer = await service.issue('alice', { contentId: 'tears-of-steel', drm: 'widevine' });
    expect(answer.licenseUrl).toContain(answer.token);
    expect(answer.licenseAcquisitionUrl).not.toContain(answer.token);
    const carried = await service.carried(answer.token);
    expect(carried).toMatchObject({
      securityLevel: '5',
      hdcpOutputControl: '2',
      cookie: answer.id,
      useHttps: 'true',
    });
    expect(carried).not.toHaveProperty('licenseDuration');
  });

  it("the policy's extensions and additional parameters, as they are, each to the DRM it is for", async () => {
    await service.database.query(`UPDATE output_policy SET
      extensions = '[{"drm":"fairplay","type":"wudo","payload":"AAAAAA=="},{"drm":"widevine","type":"wudo","payload":"AQ=="}]',
      additional_parameters = '[{"name":"accountHint","value":"a+b c"},{"drm":"playready","name":"minCertSecurityLevel","value":"2000"}]'
      WHERE name = 'hd'`);
    const [playready, fairplay, widevine] = await Promise.all(
      (['playready', 'fairplay', 'widevine'] as const).map(async (drm) => {
        const { token } = await service.issue('alice', { contentId: 'sintel', drm });
        return service.carried(token);
      }),
    );
    expect(playready).toMatchObject({ accountHint: 'a+b c', minCertSecurityLevel: '2000' });
    expect(playready).not.toHaveProperty('extensionType');
    expect(fairplay).toMatchObject({ accountHint: 'a+b c', fpExtension: 'wudo,AAAAAA==' });
    expect(fairplay).not.toHaveProperty('minCertSecurityLevel');
    expect(widevine).toMatchObject({ accountHint: 'a+b c', wvExtension: 'wudo,AQ==' });
  });

  it('somebody who owns and rents is served as an owner, and the rental is not started', async () => {
    const answer = await service.issue('grace', PLAYREADY);
    expect(answer.rights.type).toBe('buy-to-own');
    expect((await service.carried(answer.token)).rightsType).toBe('BuyToOwn');
    const rentals = await service.database.query<{ first_play_at: Date | null }>(
      `SELECT first_play_at FROM purchase WHERE user_id = 'grace' AND type = 'rental'`,
    );
    expect(rentals).toEqual([{ first_play_at: null }]);
  });

  it('a player that takes nothing else gets the licence URL alone', async () => {
    const answer = await service.ask('alice', PLAYREADY, { accept: 'text/uri-list' });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/uri-list/);
    const url = answer.text.trim();
    expect(new URL(url).searchParams.get('ExpressPlayToken')).toBeTruthy();
    expect(await (await fetch(url)).json()).toMatchObject({ rightsType: 'BuyToOwn' });
  });
});

describe('a rental is served for what is left of it', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it('the first token starts the clock; later ones, of any DRM, carry what is left and the same end', async () => {
    const begin = service.clock.now();
    const first = await service.issue('bob', PLAYREADY);
    const end = new Date(Math.floor((begin.getTime() + 172_800_000) / 1000) * 1000).toISOString().replace('.000Z', 'Z');
    expect(first.rights).toEqual({ type: 'rental', endsAt: end, playDurationSeconds: 172_800, persistent: true });
    expect(await service.carried(first.token)).toMatchObject({
      rightsType: 'Rental',
      generalFlags: '00000001',
      'rental.periodEndTime': end,
      'rental.playDuration': '172800',
    });

    service.clock.advance(7 * MINUTE);
    const second = await service.issue('bob', PLAYREADY);
    expect(second.rights).toEqual({ ...first.rights, playDurationSeconds: 172_800 - 7 * MINUTE });
    expect(await service.carried(second.token)).toMatchObject({
      'rental.periodEndTime': end,
      'rental.playDuration': String(172_800 - 7 * MINUTE),
    });

    service.clock.advance(MINUTE);
    const fairPlay = await service.issue('bob', FAIRPLAY);
    // FairPlay's and Widevine's licences last from when they are fetched: a minute later at most.
    expect(fairPlay.rights).toMatchObject({
      type: 'rental',
      endsAt: end,
      playDurationSeconds: 172_800 - 9 * MINUTE,
    });
    expect((await service.carried(fairPlay.token)).rentalDuration).toBe(String(172_800 - 9 * MINUTE));

    const widevine = await service.issue('bob', { contentId: 'sintel', drm: 'widevine' });
    expect((await service.carried(widevine.token)).licenseDuration).toBe(String(172_800 - 9 * MINUTE));

    const purchase = await service.database.query<{ first_play_at: Date }>(
      `SELECT first_play_at FROM purchase WHERE user_id = 'bob'`,
    );
    expect(purchase).toEqual([{ first_play_at: begin }]);
    expect((await service.ledger()).map((row) => row.first_play)).toEqual([true, false, false, false]);
  });

  it('the token has half of what is left, and the last two seconds are the last', async () => {
    service.clock.advance(172_800 - 8 * MINUTE - 10);
    const answer = await service.issue('bob', FAIRPLAY);
    expect(answer.rights.playDurationSeconds).toBe(5);
    const { expirationTime } = await service.carried(answer.token);
    expect(expirationTime).toBe(answer.tokenExpiresAt);
    expect(Date.parse(answer.tokenExpiresAt)).toBe(Math.floor(service.clock.now().getTime() / 1000 + 5) * 1000);

    service.clock.advance(8);
    expect((await service.issue('bob', PLAYREADY)).rights.playDurationSeconds).toBe(2);
    service.clock.advance(0.001);
    const over = await service.ask('bob', PLAYREADY);
    expect([over.status, over.body.reason]).toEqual([403, 'play-window-ended']);
  });
});

describe('RENTAL_END_RULE=start-by', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ environment: { RENTAL_END_RULE: 'start-by' } });
  });
  afterAll(() => service.stop());

  it('lets a rental started in its last minute play for its whole play duration', async () => {
    service.clock.advance(30 * 24 * 3600 - MINUTE);
    expect((await service.issue('bob', PLAYREADY)).rights.playDurationSeconds).toBe(172_800);
    service.clock.advance(2 * MINUTE);
    expect((await service.issue('bob', PLAYREADY)).rights.playDurationSeconds).toBe(172_800 - 2 * MINUTE);
  });
});

describe('the other ways of handing over a content key', () => {
  it('CONTENT_KEY_DELIVERY=clear: the unwrapped key', async () => {
    const service = await TestService.start({ environment: { CONTENT_KEY_DELIVERY: 'clear' } });
    const answer = await service.issue('alice', PLAYREADY);
    const carried = await service.carried(answer.token);
    expect(carried).toMatchObject({ contentKey: '[redacted]' });
    expect(carried).not.toHaveProperty('kek');
    await service.stop();
  });

  it("ExpressPlay's key storage: the KEK and the KID, and its refusal when it does not hold the key", async () => {
    const service = await TestService.start();
    await service.database.query(
      `UPDATE content_key SET source = 'key-storage', ek = NULL WHERE content_id = 'sintel'`,
    );
    const answer = await service.ask('alice', PLAYREADY);
    expect([answer.status, answer.body.code]).toEqual([503, 'upstream-unavailable']);
    expect(await service.ledger()).toMatchObject([{ decision: 'failed', expressplay_code: -4019 }]);
    await service.stop();
  });
});
