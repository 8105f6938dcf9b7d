import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askForToken, authenticatorOf, outcomeOfAnswer, type TOKEN_PATH } from '../testing/ask.js';
import { type RunningEmulator, startEmulator } from '../testing/running-emulator.js';
import { type Asked, randomHex, VALID } from '../testing/valid-requests.js';

type Service = keyof typeof TOKEN_PATH;
const NOW = new Date('2026-11-21T10:00:00Z');
let emulator: RunningEmulator;
const start = async (variables: Record<string, string> = {}) => {
  emulator = await startEmulator(NOW, variables);
};
beforeEach(() => start());
afterEach(() => emulator.close());

const ask = async (service: Service, customerAuthenticator: string, changes: Asked = {}) =>
  outcomeOfAnswer(await askForToken(emulator.url, service, { ...VALID[service], customerAuthenticator, ...changes }));

describe('a demo account', () => {
  const cases: [string, Service, number, number | undefined][] = [
    ['good', 'playready', 200, undefined],
    ['good', 'fairplay', 200, undefined],
    ['good', 'widevine', 200, undefined],
    ['good-production', 'widevine', 401, -2018],
    ['disabled', 'playready', 401, -2031],
    ['disabled', 'fairplay', 401, -2031],
    ['disabled', 'widevine', 401, -2031],
    ['no-balance', 'playready', 400, -2019],
    ['no-balance', 'fairplay', 400, -2019],
    ['no-balance', 'widevine', 400, -2019],
    ['playready-off', 'playready', 400, -5002],
    ['playready-off', 'fairplay', 200, undefined],
    ['fairplay-off', 'fairplay', 400, -6009],
    ['fairplay-off', 'widevine', 200, undefined],
    ['widevine-off', 'widevine', 400, -7011],
    ['widevine-off', 'playready', 200, undefined],
    ['no-fairplay-authorization', 'fairplay', 400, -6006],
    ['no-fairplay-authorization', 'playready', 200, undefined],
  ];
  it.each(cases)('%s, asked for %s: %i %s', async (name, service, status, code) => {
    expect(await ask(service, authenticatorOf(name))).toEqual([status, code]);
  });

  it('is refused before its licence parameters are looked at, but for its balance', async () => {
    expect(await ask('widevine', authenticatorOf('disabled'), { kid: 'x' })).toEqual([401, -2031]);
    expect(await ask('widevine', authenticatorOf('widevine-off'), { kid: 'x' })).toEqual([400, -7011]);
    expect(await ask('widevine', authenticatorOf('no-balance'), { kid: 'x' })).toEqual([400, -4020]);
  });

  it('counts down over all services, and only for tokens that are issued', async () => {
    const outcomes = [
      await ask('playready', authenticatorOf('counts-down')),
      await ask('fairplay', authenticatorOf('counts-down'), { iv: 'x' }),
      await ask('fairplay', authenticatorOf('counts-down')),
      await ask('widevine', authenticatorOf('counts-down')),
      await ask('widevine', authenticatorOf('counts-down')),
    ];
    expect(outcomes.map(([, code]) => code)).toEqual([undefined, -6003, undefined, undefined, -2019]);
  });
});

describe('an account that is charged when a token is redeemed', () => {
  it('may have any number of tokens, and redeem as many as it has bought, each as often as it likes', async () => {
    const buy = async () => {
      const asked = { ...VALID.widevine, customerAuthenticator: authenticatorOf('charged-when-redeemed') };
      return (await (await askForToken(emulator.url, 'widevine', asked)).text()).trim();
    };
    const redeem = async (url: string) => outcomeOfAnswer(await fetch(`${url}&errorFormat=json`));
    const [first, second] = [await buy(), await buy()];
    const outcomes = [await redeem(first), await redeem(first), await redeem(second), await redeem(first)];
    expect(outcomes.map(([, code]) => code)).toEqual([undefined, undefined, -2019, undefined]);
  });
});

describe('an account that is held to the published tables', () => {
  it.each<[Service, Asked, number | undefined]>([
    ['widevine', {}, undefined],
    ['widevine', { generalFlags: '0000', hdcpOutputControl: '2' }, undefined],
    ['widevine', { generalFlags: '00000001' }, -5003],
    ['widevine', { hdcpOutputControl: '3' }, -2034],
    ['playready', { generalFlags: '00000001' }, undefined],
  ])('asked for %s with %j: %s', async (service, changes, code) => {
    expect((await ask(service, authenticatorOf('published-tables'), changes))[1]).toBe(code);
  });
});

describe('accounts of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'emulator-accounts-'));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('take the place of the demo ones', async () => {
    const authenticator = `7,${randomHex(16)}`;
    const file = join(folder, 'accounts.json');
    writeFileSync(file, JSON.stringify([{ name: 'mine', authenticator, environment: 'test', balance: 1 }]));
    await emulator.close();
    await start({ EMULATOR_ACCOUNTS_FILE: file });
    expect(await ask('widevine', authenticator)).toEqual([200, undefined]);
    expect(await ask('widevine', authenticator)).toEqual([400, -2019]);
    expect(await ask('widevine', authenticatorOf('good'))).toEqual([401, -2018]);
  });
});
