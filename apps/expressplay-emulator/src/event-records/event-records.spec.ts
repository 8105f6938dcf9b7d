import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askForToken, authenticatorOf, control } from '../testing/ask.js';
import { type RunningEmulator, startEmulator } from '../testing/running-emulator.js';
import { WIDEVINE_REQUEST } from '../testing/valid-requests.js';
import type { EventRecord } from './event-records.js';

const NOW = new Date('2026-11-21T10:00:00Z');

let emulator: RunningEmulator;
beforeEach(async () => {
  emulator = await startEmulator(NOW);
});
afterEach(() => emulator.close());

/** Buys a token and redeems it as often as there are devices. */
async function redeem(cookie: string, devices = ['one']): Promise<void> {
  const url = (await (await askForToken(emulator.url, 'widevine', { ...WIDEVINE_REQUEST, cookie })).text()).trim();
  for (const device of devices) {
    expect((await fetch(url, { method: 'POST', headers: { 'user-agent': device } })).status).toBe(200);
  }
}

async function redeemMany(count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) await redeem(`c${number}`);
}

async function find(query: Record<string, string> = {}, account = 'good'): Promise<EventRecord[]> {
  const response = await ask({ customerAuthenticator: authenticatorOf(account), ...query });
  expect(response.status).toBe(200);
  return (await response.json()) as EventRecord[];
}

const ask = (query: Record<string, string>): Promise<Response> =>
  fetch(`${emulator.url}/cmiapi/getrecord/?${new URLSearchParams({ errorFormat: 'json', ...query }).toString()}`);

const cookies = (records: readonly EventRecord[]): (string | null)[] => records.map(({ cookie }) => cookie);
const fault = (kind: string, more: object = {}): Promise<Response> =>
  control(emulator.url, 'PUT', 'faults', { service: 'records', times: 1, fault: { kind, ...more } });

describe('records', () => {
  it('are one for each redemption, with its cookie and device', async () => {
    await redeem('twice', ['one', 'two']);
    await redeem('once');
    const [second, first] = await find({ cookie: 'twice' });
    const [once] = await find({ cookie: 'once' });
    expect(once).toEqual({
      event_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      cookie: 'once',
      device_id: first?.device_id,
      service: 'widevine',
      event_time: NOW.toISOString(),
    });
    expect(second?.device_id).not.toBe(first?.device_id);
    expect(new Set([first, second, once].map((record) => record?.event_id)).size).toBe(3);
    expect(await find({ cookie: 'none' })).toEqual([]);
    expect(await find({}, 'charged-when-redeemed')).toEqual([]);
  });

  it('are the newest 32, or a page', async () => {
    await redeemMany(35);
    const all = Array.from({ length: 35 }, (_, number) => `c${number}`);
    expect(cookies(await find())).toEqual(all.toReversed().slice(0, 32));
    expect(cookies(await find({ start: '30', length: '3' }))).toEqual(all.slice(30, 33));
    expect(cookies(await find({ start: '30', length: '200' }))).toEqual(all.slice(30));
    expect(await find({ start: '35', length: '200' })).toEqual([]);
  });

  it.each<[string, Record<string, string>, number, number | undefined]>([
    ['no authenticator', { customerAuthenticator: '' }, 401, -2017],
    ['a page of 201', { start: '0', length: '201' }, 400, undefined],
    ['start alone', { start: '0' }, 400, undefined],
    ['length alone', { length: '1' }, 400, undefined],
    ['a cookie and a page', { cookie: 'c', start: '0', length: '1' }, 400, undefined],
  ])('are not there for %s', async (_what, query, status, errorCode) => {
    const response = await ask({ customerAuthenticator: authenticatorOf('good'), ...query });
    const { errorCode: code } = (await response.json()) as { errorCode?: number };
    expect([response.status, code]).toEqual([status, errorCode]);
  });
});

describe('faults of records', () => {
  it('keep one back for a time, which then comes after those that are there', async () => {
    await fault('late', { milliseconds: 60_000 });
    await redeem('late');
    await redeem('now');
    expect(cookies(await find({ start: '0', length: '200' }))).toEqual(['now']);
    emulator.clock.advance(60);
    expect(cookies(await find({ start: '0', length: '200' }))).toEqual(['now', 'late']);
  });

  it('double one, with the same id, and lose one', async () => {
    await fault('doubled');
    await redeem('doubled');
    await fault('missing');
    await redeem('missing');
    await redeem('usual');
    const found = await find({ start: '0', length: '200' });
    expect(cookies(found)).toEqual(['doubled', 'doubled', 'usual']);
    expect(found[0]).toEqual(found[1]);
  });

  it('are of records alone, and records have no others', async () => {
    const put = async (service: string, kind: string) =>
      (await control(emulator.url, 'PUT', 'faults', { service, fault: { kind } })).status;
    expect([await put('any', 'doubled'), await put('records', 'reset'), await put('records', 'late')]).toEqual([
      400, 400, 400,
    ]);
  });
});
