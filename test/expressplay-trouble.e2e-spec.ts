// ExpressPlay in trouble: what is asked again, what is left alone, and how the service recovers.
import { afterEach, expect, it } from 'vitest';
import { ExpressPlay } from '../apps/entitlement/src/license-tokens/expressplay.js';
import { MeasuredService } from './metrics/support/measured-service.js';
import { risesDuring, scrape, valuesOf } from './metrics/support/scrape.js';
import { sellTo, VIEWERS } from './support/viewers.js';

const PATIENTLY = { timeout: 30_000, interval: 100 };

let measured: MeasuredService;
afterEach(() => measured.service.stop());

async function start(...[environment, pauses]: Parameters<typeof MeasuredService.start>): Promise<void> {
  measured = await MeasuredService.start(environment, pauses);
  await sellTo(measured.service, VIEWERS);
}

const ask = (viewer: string | undefined, drm: string) =>
  measured.service.ask(viewer ?? '', { contentId: 'sintel', drm });

async function outcome(viewer: string | undefined, drm: string): Promise<unknown[]> {
  const { status, body, headers } = await ask(viewer, drm);
  return status === 200 ? [200] : [status, body.code, Number(headers['retry-after'] ?? 0) > 0];
}

/** What readiness says, and in its details of each DRM. */
async function readiness(): Promise<unknown[]> {
  const { status, body } = await measured.service.http().get('/health/ready');
  const { playready, fairplay, widevine } = body.details.expressplay.breakers;
  return [status, body.status, playready, fairplay, widevine];
}

it('FairPlay that hangs has its share and no more, is left alone, and recovers by itself; PlayReady notices nothing', async () => {
  const environment = { EXPRESSPLAY_TIMEOUT_MS: '3000', DATABASE_TIMEOUT_MS: '4000', MAX_REQUESTS_IN_FLIGHT: '24' };
  await start(environment, { breakerMs: 100 });
  const { service } = measured;
  expect(await readiness()).toEqual([200, 'ok', 'closed', 'closed', 'closed']);
  await measured.fault({ kind: 'hang' }, null, 'fairplay');

  const waiting = () => {
    const { inFlight, queued } = service.app.get(ExpressPlay).load;
    return inFlight + queued;
  };
  const hanging = VIEWERS.slice(0, 12).map((viewer) => outcome(viewer, 'fairplay'));
  await expect.poll(waiting, PATIENTLY).toBe(12);
  expect(await outcome(VIEWERS[12], 'fairplay')).toEqual([503, 'overloaded', true]);
  expect(await outcome(VIEWERS[13], 'playready')).toEqual([200]);
  expect(await Promise.all(hanging)).toEqual(hanging.map(() => [504, 'upstream-timeout', false]));

  expect(await readiness()).toEqual([200, 'ok', 'closed', 'open', 'closed']);
  const rose = await risesDuring(service.managementUrl, async () => {
    expect(await outcome(VIEWERS[14], 'fairplay')).toEqual([503, 'upstream-unavailable', true]);
    expect(await outcome(VIEWERS[15], 'playready')).toEqual([200]);
  });
  expect(rose).toMatchObject({ 'expressplay_requests_held_back_total{drm="fairplay",reason="breaker"}': 1 });
  expect(Object.keys(rose).filter((name) => name.includes('answers_total{drm="fairplay"'))).toEqual([]);
  const states = valuesOf(await scrape(service.managementUrl), 'expressplay_breaker_state');
  expect(states).toMatchObject({
    'expressplay_breaker_state{drm="fairplay"}': 2,
    'expressplay_breaker_state{drm="playready"}': 0,
  });

  // Neither the pause nor what was hanging depends on the time of day.
  service.clock.advance(-60);
  await measured.clearFaults();
  await expect.poll(() => outcome(VIEWERS[16], 'fairplay'), PATIENTLY).toEqual([200]);
  expect(await readiness()).toEqual([200, 'ok', 'closed', 'closed', 'closed']);

  const changes = service.log.lines.flatMap(({ breaker }) => (breaker === undefined ? [] : [breaker]));
  expect(changes).toEqual(['open', 'half-open', 'closed'].map((state) => ({ drm: 'fairplay', state })));
  const rows = (await service.ledger()).filter(({ user_id: user }) =>
    [12, 14].some((index) => VIEWERS[index] === user),
  );
  expect(rows.map(({ decision, reason }) => [decision, reason])).toEqual([
    ['failed', 'upstream-unavailable'],
    ['failed', 'upstream-unavailable'],
  ]);
});

it('a connection that is refused once costs a moment: one token, one row, under one cookie', async () => {
  await start({ EXPRESSPLAY_TIMEOUT_MS: '9000' }, { retryMs: 3000 });
  const { service } = measured;
  await service.wires.emulator.stop();
  const asked = ask(VIEWERS[1], 'playready');
  const refused = async () => valuesOf(await scrape(service.managementUrl), 'expressplay_answers_total');
  await expect.poll(refused, PATIENTLY).toMatchObject({
    'expressplay_answers_total{drm="playready",code="connect"}': 1,
  });
  await service.wires.emulator.start();
  const { status, body } = await asked;
  expect(status).toBe(200);
  expect(await service.issuedCookies()).toEqual([body.id]);
  const rows = await service.ledger();
  expect(rows).toMatchObject([{ id: body.id, decision: 'granted', first_play: true }]);
});

it('a token that may have been bought is not asked for again', async () => {
  await start();
  for (const kind of ['reset', 'truncated', 'garbage']) {
    await measured.fault({ kind });
    expect(await outcome(VIEWERS[0], 'playready')).toEqual([503, 'upstream-unavailable', true]);
  }
  const answers = valuesOf(await scrape(measured.service.managementUrl), 'expressplay_answers_total');
  expect(Object.values(answers).reduce((sum, count) => sum + count, 0)).toBe(3);
});

it('with everything refused for the moment, a tenth of the requests is sent again, and ten', async () => {
  await start({}, { retryMs: 5 });
  await measured.fault({ kind: 'event', code: -4019 }, null);
  const requests = 80;
  const rose = await risesDuring(measured.service.managementUrl, async () => {
    for (let index = 0; index < requests; index += 1) await ask(VIEWERS[index % VIEWERS.length], 'widevine');
  });
  const sent = rose['expressplay_answers_total{drm="widevine",code="-4019"}'] ?? 0;
  expect(sent - requests).toBe(rose['expressplay_retries_total{drm="widevine",outcome="failed"}']);
  expect(sent).toBeGreaterThan(requests);
  expect(sent).toBeLessThanOrEqual(requests * 1.1 + 10);
  expect(rose['expressplay_retries_total{drm="widevine",outcome="withheld"}']).toBe(2 * requests - sent);
});

it('with nothing to reach, hardly more than the requests is sent, and soon nothing', async () => {
  await start({}, { retryMs: 5 });
  const { service } = measured;
  await service.wires.emulator.stop();
  const rose = await risesDuring(service.managementUrl, async () => {
    for (const viewer of VIEWERS)
      expect(await outcome(viewer, 'widevine')).toEqual([503, 'upstream-unavailable', true]);
  });
  await service.wires.emulator.start();
  // Five requests, each sent twice, open the breaker.
  expect(rose['expressplay_answers_total{drm="widevine",code="connect"}']).toBeLessThan(1.2 * VIEWERS.length);
  expect(rose['expressplay_requests_held_back_total{drm="widevine",reason="breaker"}']).toBeGreaterThan(
    VIEWERS.length / 2,
  );
});

it('an account without tokens: one error in the log, all DRMs refused at once, one try after the pause, and all is well', async () => {
  await start({}, { balanceMs: 5000 });
  const { service } = measured;
  await measured.fault({ kind: 'event', code: -2019 }, null);
  service.log.clear();
  for (const drm of ['playready', 'fairplay', 'widevine', 'widevine']) {
    expect(await outcome(VIEWERS[0], drm)).toEqual([503, 'token-balance-exhausted', true]);
  }
  const scraped = await scrape(service.managementUrl);
  expect(valuesOf(scraped, 'token_balance_exhausted_total')).toEqual({ token_balance_exhausted_total: 1 });
  expect(valuesOf(scraped, 'token_balance_paused')).toEqual({ token_balance_paused: 1 });
  expect(service.log.lines.filter(({ level }) => level === 'error')).toMatchObject([{ expressPlayCode: -2019 }]);
  const rows = await service.ledger();
  expect(rows.map(({ reason }) => reason)).toEqual(rows.map(() => 'token-balance-exhausted'));
  expect(rows.flatMap(({ expressplay_code: code }) => code ?? [])).toEqual([-2019]);

  await measured.clearFaults();
  service.clock.advance(-60);
  await expect.poll(() => outcome(VIEWERS[0], 'fairplay'), PATIENTLY).toEqual([200]);
  expect(await outcome(VIEWERS[0], 'playready')).toEqual([200]);
  expect(valuesOf(await scrape(service.managementUrl), 'token_balance_paused')).toEqual({ token_balance_paused: 0 });
});
