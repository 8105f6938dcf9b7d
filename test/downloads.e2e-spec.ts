// Licences to keep, from the player's request to what the emulator's licence server grants for the token.
import { afterEach, describe, expect, it } from 'vitest';
import { PurchaseClient, rental } from './admin/purchase-client.js';
import { TestService } from './support/test-service.js';

const DAY = 86_400;
const MINUTE = 60;
const PLAYREADY = { contentId: 'sintel', drm: 'playready', offline: true } as const;
const WIDEVINE = { contentId: 'sintel', drm: 'widevine', offline: true } as const;
const FAIRPLAY = { contentId: 'sintel', drm: 'fairplay', offline: true } as const;
/** The emulator's account that is held to the tables of 2018. */
const STRICT = '201730,7ab1e500000000000000000000002018';

type Order = typeof PLAYREADY | typeof WIDEVINE | typeof FAIRPLAY;

let service: TestService;
afterEach(() => service.stop());

/** With what may be kept by owners bounded, in seconds. */
async function start(environment: Record<string, string>, bound: number | null = null): Promise<void> {
  service = await TestService.start({ environment });
  await service.database.query(`UPDATE output_policy SET offline_license_seconds = $1 WHERE name = 'hd'`, [bound]);
}

const ended = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** A token's answer, what it carries, its row, and the licence that it is redeemed for a number of seconds later. */
async function download(user: string, order: Order, seconds = 0) {
  const answer = await service.issue(user, order);
  const carried = await service.carried(answer.token);
  const row = (await service.ledger()).at(-1);
  service.clock.advance(seconds);
  const redeemed = await fetch(answer.licenseUrl);
  expect(redeemed.status).toBe(200);
  const license = (await redeemed.json()) as Record<string, unknown>;
  expect(row).toMatchObject({
    rights_type: answer.rights.type,
    play_duration_seconds: answer.rights.playDurationSeconds,
    persistent: answer.rights.persistent,
    offline: true,
  });
  const rowEnd = row?.rights_end_at;
  expect(rowEnd instanceof Date ? ended(rowEnd.getTime()) : rowEnd).toBe(answer.rights.endsAt);
  return { rights: answer.rights, carried, license };
}

describe('as the tables and the public client have it: 8 digits, and durations of play', () => {
  it('an owner keeps a Widevine licence without an end, and a renter none that a late start would make outlive the rental', async () => {
    await start({});
    const owner = await download('alice', WIDEVINE);
    expect(owner.rights).toEqual({ type: 'buy-to-own', endsAt: null, playDurationSeconds: null, persistent: true });
    expect(owner.carried.generalFlags).toBe('00000001');
    expect(owner.carried).not.toHaveProperty('licenseDuration');
    expect(owner.license).toMatchObject({ persistent: true, rightsType: 'BuyToOwn', expiresAt: null });

    const renter = await download('bob', WIDEVINE);
    expect(renter.rights).toMatchObject({ type: 'rental', persistent: false });
    expect(renter.carried).not.toHaveProperty('generalFlags');
    expect(renter.license).toMatchObject({ persistent: false, playDurationSeconds: renter.rights.playDurationSeconds });

    const streaming = await service.issue('alice', { ...WIDEVINE, offline: false });
    expect(streaming.rights.persistent).toBe(false);
    expect(await service.carried(streaming.token)).not.toHaveProperty('generalFlags');
  });

  it("an owner's PlayReady licence ends as the policy says, is renewed for as long again, and only what is kept ends", async () => {
    await start({}, 30 * DAY);
    for (const _renewal of [1, 2]) {
      service.clock.advance(29 * DAY + 0.4);
      const asked = service.clock.now().getTime();
      const end = ended(asked + 30 * DAY * 1000);
      const { rights, carried, license } = await download('alice', PLAYREADY, 10);
      expect(rights).toEqual({ type: 'buy-to-own', endsAt: end, playDurationSeconds: 30 * DAY, persistent: true });
      expect(carried).toMatchObject({ rightsType: 'Rental', generalFlags: '00000001', 'rental.periodEndTime': end });
      expect(license).toMatchObject({ persistent: true, expiresAt: new Date(end).toISOString() });
    }
    const streaming = await service.issue('alice', { ...PLAYREADY, offline: false });
    expect(streaming.rights).toMatchObject({ endsAt: null, playDurationSeconds: null, persistent: false });
    expect((await service.carried(streaming.token)).rightsType).toBe('BuyToOwn');
  });

  it('an end that the DRM cannot hold is not claimed: Widevine counts play alone, FairPlay has no licence to keep', async () => {
    await start({}, 30 * DAY);
    const widevine = await download('alice', WIDEVINE);
    expect(widevine.rights).toMatchObject({ endsAt: null, playDurationSeconds: 30 * DAY, persistent: true });
    expect(widevine.license).toMatchObject({ persistent: true, playDurationSeconds: 30 * DAY, expiresAt: null });
    const fairplay = await download('alice', FAIRPLAY);
    expect(fairplay.rights).toMatchObject({ endsAt: null, playDurationSeconds: null, persistent: false });
    expect(fairplay.license).toMatchObject({ persistent: false, rightsType: 'BuyToOwn' });
  });

  it('an account that is held to the tables refuses, which is how an operator finds out', async () => {
    await start({ EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: STRICT });
    expect((await service.ask('alice', { ...WIDEVINE, offline: false })).status).toBe(200);
    const answer = await service.ask('alice', WIDEVINE);
    expect([answer.status, answer.body.code]).toEqual([502, 'upstream-rejected']);
    expect((await service.ledger()).at(-1)).toMatchObject({ decision: 'failed', expressplay_code: -5003 });
  });
});

describe('WIDEVINE_GENERAL_FLAGS=4-digits', () => {
  it('refuses offline requests for Widevine alone, says so in the ledger, and buys nothing', async () => {
    await start({ WIDEVINE_GENERAL_FLAGS: '4-digits', EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: STRICT });
    for (const user of ['alice', 'bob']) {
      const answer = await service.ask(user, WIDEVINE);
      expect([answer.status, answer.body.code]).toEqual([409, 'offline-not-available']);
      expect((await service.ledger()).at(-1)).toMatchObject({ decision: 'denied', reason: 'offline-not-available' });
      expect((await service.ask(user, { ...WIDEVINE, offline: false })).status).toBe(200);
      expect((await service.ask(user, PLAYREADY)).status).toBe(200);
    }
    expect(await service.issuedCookies()).toHaveLength(4);
    const reserved = await service.database.query('SELECT FROM token_reservation');
    expect(reserved).toEqual([]);
  });
});

describe('WIDEVINE_LICENSE_DURATION=time-to-start', () => {
  it('a rental that is kept has half to be started in and half to be played, and however renewed ends with the rental', async () => {
    await start({ WIDEVINE_LICENSE_DURATION: 'time-to-start' });
    await (await PurchaseClient.of(service)).put('kept', rental({ playDurationSeconds: 4 * DAY }));
    const end = service.clock.now().getTime() + 4 * DAY * 1000;
    for (const wait of [0, DAY + 0.7, 3 * DAY - 10 * MINUTE]) {
      service.clock.advance(wait);
      const { rights, carried, license } = await download('frank', WIDEVINE, 59);
      expect(rights).toMatchObject({ type: 'rental', endsAt: ended(end), persistent: true });
      expect(carried).toMatchObject({
        generalFlags: '00000001',
        licenseDuration: String(license.startWithinSeconds),
        playbackDuration: String(rights.playDurationSeconds),
      });
      expect(Math.abs(Number(license.startWithinSeconds) - Number(license.playDurationSeconds))).toBeLessThanOrEqual(1);
      // Redeemed in the token's last second: nothing but that second is lost, and what was cut off.
      const last = Date.parse(String(license.expiresAt));
      expect(last).toBeLessThanOrEqual(end);
      expect(last).toBeGreaterThan(end - 3000);
    }
  });

  it('what is not kept is to be started at once, and ends with the rental too', async () => {
    await start({ WIDEVINE_LICENSE_DURATION: 'time-to-start' });
    const begin = service.clock.now().getTime();
    const answer = await service.issue('bob', { ...WIDEVINE, offline: false });
    expect(answer.rights).toMatchObject({ persistent: false, playDurationSeconds: 2 * DAY - 2 * MINUTE });
    const carried = await service.carried(answer.token);
    expect(carried).toMatchObject({ licenseDuration: '60', playbackDuration: String(2 * DAY - 2 * MINUTE) });
    expect(carried).not.toHaveProperty('generalFlags');

    service.clock.set(new Date(begin + 2 * DAY * 1000 - 3000));
    expect((await service.issue('bob', { ...WIDEVINE, offline: false })).rights.playDurationSeconds).toBe(1);
    service.clock.advance(0.001);
    const over = await service.ask('bob', { ...WIDEVINE, offline: false });
    expect([over.status, over.body.reason]).toEqual([403, 'play-window-ended']);
    expect((await service.ledger()).at(-1)).toMatchObject({ decision: 'denied', reason: 'play-window-ended' });
    expect((await service.ask('bob', PLAYREADY)).status).toBe(200);
  });

  it("an owner's licence ends as the policy says", async () => {
    await start({ WIDEVINE_LICENSE_DURATION: 'time-to-start' }, 30 * DAY);
    const end = service.clock.now().getTime() + 30 * DAY * 1000;
    const { rights, license } = await download('alice', WIDEVINE, 59);
    expect(rights).toMatchObject({ type: 'buy-to-own', endsAt: ended(end), persistent: true });
    expect(license).toMatchObject({ persistent: true, startWithinSeconds: 15 * DAY - 30 });
    expect(Date.parse(String(license.expiresAt))).toBeLessThanOrEqual(end);
  });
});

describe("a policy's least certificate level for PlayReady", () => {
  const OLD = '[{"drm":"playready","name":"minCertSecurityLevel","value":"2000"}]';
  const setPolicy = (name: string, change: string, value: unknown) =>
    service.database.query(`UPDATE output_policy SET ${change} = $2 WHERE name = $1`, [name, value]);
  const levels = async (order: Order = PLAYREADY) => {
    const carried = await service.carried((await service.issue('alice', order)).token);
    return Object.fromEntries(Object.entries(carried).filter(([name]) => name.startsWith('minCertSecurityLevel')));
  };

  it('is sent once, and an additional parameter of an old policy goes on working', async () => {
    await start({});
    expect(await levels()).toEqual({});
    await setPolicy('hd', 'additional_parameters', OLD);
    expect(await levels()).toEqual({ minCertSecurityLevel: '2000' });
    await setPolicy('hd', 'playready_min_cert_security_level', 3000);
    expect(await levels()).toEqual({ minCertSecurityLevel: '3000' });
    expect(await levels(WIDEVINE)).toEqual({});
  });

  it('is sent for each of several keys, where it is the key’s own or the title’s, however that says it', async () => {
    await start({});
    await service.database.query(
      `INSERT INTO content_key (kid, content_id, position, tracks, iv, source, kek_id, ek, output_policy_name)
       SELECT md5(kid), content_id, 1, '{uhd1}', iv, source, kek_id, ek, 'strict' FROM content_key WHERE content_id = 'sintel'`,
    );
    await setPolicy('strict', 'playready_min_cert_security_level', 3000);
    expect(await levels()).toEqual({ 'minCertSecurityLevel.1': '3000' });
    await setPolicy('hd', 'additional_parameters', OLD);
    expect(await levels()).toEqual({ 'minCertSecurityLevel.0': '2000', 'minCertSecurityLevel.1': '3000' });
    await setPolicy('hd', 'playready_min_cert_security_level', 150);
    expect(await levels()).toEqual({ 'minCertSecurityLevel.0': '150', 'minCertSecurityLevel.1': '3000' });
  });
});
