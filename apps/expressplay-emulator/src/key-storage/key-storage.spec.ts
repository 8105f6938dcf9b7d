import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askForToken, control, outcomeOfAnswer } from '../testing/ask.js';
import { type RunningEmulator, startEmulator } from '../testing/running-emulator.js';
import { randomHex, WIDEVINE_REQUEST, wrappedKeyParameters } from '../testing/valid-requests.js';

let emulator: RunningEmulator;
beforeAll(async () => {
  emulator = await startEmulator(new Date('2026-11-21T10:00:00Z'));
});
afterAll(() => emulator.close());
beforeEach(() => control(emulator.url, 'DELETE', 'keys'));

const { kek, ek } = wrappedKeyParameters();
const store = async (kid: string, body: unknown = { ek }) =>
  (await control(emulator.url, 'PUT', `keys/${encodeURIComponent(kid)}`, body)).status;
const ask = async (kid: string, withKek = kek) =>
  outcomeOfAnswer(
    await askForToken(emulator.url, 'widevine', { ...WIDEVINE_REQUEST, contentKey: undefined, kek: withKek, kid }),
  );

describe('key storage', () => {
  it('has the key that was put there, under that KEK alone', async () => {
    const kid = randomHex(16);
    expect(await ask(kid)).toEqual([500, -4019]);
    expect(await store(kid)).toBe(204);
    expect(await ask(kid)).toEqual([200, undefined]);
    expect(await ask(kid.toUpperCase())).toEqual([200, undefined]);
    expect(await ask(randomHex(16))).toEqual([500, -4019]);
    expect(await ask(kid, randomHex(16))).toEqual([500, -4019]);
    expect(await ask(kid, randomHex(32))).toEqual([500, -4019]);
  });

  it('is empty again after it was cleared', async () => {
    const kid = randomHex(16);
    await store(kid);
    expect((await control(emulator.url, 'DELETE', 'keys')).status).toBe(204);
    expect(await ask(kid)).toEqual([500, -4019]);
  });

  it('has no key any more after another one took its place', async () => {
    const kid = randomHex(16);
    await store(kid);
    await store(kid, { ek: wrappedKeyParameters().ek });
    expect(await ask(kid)).toEqual([500, -4019]);
  });

  it('tells key ids after ^ apart by case, and takes them at their longest', async () => {
    const kid = `^${'é'.repeat(64)}`;
    expect(await store(kid)).toBe(204);
    expect(await ask(kid)).toEqual([200, undefined]);
    expect(await ask(kid.toUpperCase())).toEqual([500, -4019]);
  });

  const wrong: [string, string, unknown][] = [
    ['a short kid', 'abc', { ek }],
    ['a kid that is not hex', 'x'.repeat(32), { ek }],
    ['no ek', randomHex(16), {}],
    ['a short ek', randomHex(16), { ek: ek.slice(2) }],
    ['an ek that is not hex', randomHex(16), { ek: 'x'.repeat(48) }],
    ['an unknown field', randomHex(16), { ek, kek }],
  ];
  it.each(wrong)('refuses %s without repeating a key', async (_what, kid, body) => {
    const response = await control(emulator.url, 'PUT', `keys/${kid}`, body);
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toMatchObject([400, { code: 'invalid-request' }]);
    expect([text.includes(ek), text.includes(kek)]).toEqual([false, false]);
  });

  it('does not take a key for one that was wrapped', async () => {
    const kid = randomHex(16);
    await store(kid, { ek: randomBytes(24).toString('hex') });
    expect(await ask(kid)).toEqual([500, -4019]);
  });
});
