import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askForToken, control, shown, tokenOf } from '../testing/ask.js';
import { type RunningEmulator, startEmulator } from '../testing/running-emulator.js';
import { FAIRPLAY_REQUEST, PLAYREADY_PURCHASE, WIDEVINE_REQUEST } from '../testing/valid-requests.js';

const NOW = new Date('2026-11-21T10:00:00Z');

let emulator: RunningEmulator;
beforeEach(async () => {
  emulator = await startEmulator(NOW);
});
afterEach(() => emulator.close());

const widevine = (token: string) => `${emulator.url}/hms/wv/rights/?ExpressPlayToken=${token}`;
const samples = async () => {
  const response = await control(emulator.url, 'GET', 'metrics');
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = (await response.text()).split('\n');
  expect(lines.at(-1)).toBe('');
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
};

describe('metrics', () => {
  it('start from 0', async () => {
    expect(await samples()).toEqual([
      'expressplay_emulator_tokens_issued_total{service="playready"} 0',
      'expressplay_emulator_tokens_issued_total{service="fairplay"} 0',
      'expressplay_emulator_tokens_issued_total{service="widevine"} 0',
      'expressplay_emulator_tokens_redeemed_total{service="playready"} 0',
      'expressplay_emulator_tokens_redeemed_total{service="fairplay"} 0',
      'expressplay_emulator_tokens_redeemed_total{service="widevine"} 0',
    ]);
  });

  it('count what was issued, refused, met a fault and was redeemed, by service', async () => {
    const token = await tokenOf(await askForToken(emulator.url, 'widevine', WIDEVINE_REQUEST));
    await askForToken(emulator.url, 'widevine', WIDEVINE_REQUEST);
    await askForToken(emulator.url, 'fairplay', { ...FAIRPLAY_REQUEST, iv: 'x' });
    await askForToken(emulator.url, 'playready', { ...PLAYREADY_PURCHASE, customerAuthenticator: 'x' });
    const fault = { kind: 'event', code: -2030 };
    await control(emulator.url, 'PUT', 'faults', { service: 'playready', times: 1, fault });
    await askForToken(emulator.url, 'playready', PLAYREADY_PURCHASE);
    for (let time = 0; time < 3; time += 1) expect((await fetch(widevine(token))).status).toBe(200);
    await fetch(widevine('AAAA'));
    const counted = (await samples()).filter((sample) => !sample.endsWith(' 0'));
    expect(counted).toEqual([
      'expressplay_emulator_tokens_issued_total{service="widevine"} 2',
      'expressplay_emulator_token_requests_refused_total{service="fairplay",code="-6003"} 1',
      'expressplay_emulator_token_requests_refused_total{service="playready",code="-2018"} 1',
      'expressplay_emulator_token_requests_refused_total{service="playready",code="-2030"} 1',
      'expressplay_emulator_faults_total{service="playready",kind="event"} 1',
      'expressplay_emulator_tokens_redeemed_total{service="widevine"} 3',
      'expressplay_emulator_redemptions_refused_total{service="widevine",code="-4010"} 1',
    ]);
  });
});

describe('redemptions', () => {
  it('are counted by service and cookie, the last one last', async () => {
    const issue = async (cookie: string | undefined) =>
      tokenOf(await askForToken(emulator.url, 'widevine', { ...WIDEVINE_REQUEST, cookie }));
    const [first, second, none] = [await issue('c1'), await issue('c2'), await issue(undefined)];
    for (const token of [first, second, none]) await fetch(widevine(token));
    emulator.clock.advance(60);
    await fetch(widevine(first));
    await fetch(widevine(`${first}x`));
    expect(await shown(emulator.url, 'redemptions')).toEqual([
      { service: 'widevine', cookie: 'c2', count: 1, lastAt: '2026-11-21T10:00:00.000Z' },
      { service: 'widevine', cookie: null, count: 1, lastAt: '2026-11-21T10:00:00.000Z' },
      { service: 'widevine', cookie: 'c1', count: 2, lastAt: '2026-11-21T10:01:00.000Z' },
    ]);
    expect((await control(emulator.url, 'DELETE', 'redemptions')).status).toBe(204);
    expect(await shown(emulator.url, 'redemptions')).toEqual([]);
  });
});
