import { unwrapKey, wrapKey } from '@app/expressplay';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askForToken, authenticatorOf, outcomeOfAnswer } from '../testing/ask.js';
import { type RunningEmulator, startEmulator } from '../testing/running-emulator.js';
import { randomHex, WIDEVINE_REQUEST, wrappedKeyParameters } from '../testing/valid-requests.js';

const NOW = new Date('2026-11-21T10:00:00Z');

let emulator: RunningEmulator;
beforeAll(async () => {
  emulator = await startEmulator(NOW);
});
afterAll(() => emulator.close());

interface Asked {
  method?: string;
  kid?: string;
  body?: unknown;
  query?: Record<string, string>;
}

async function ask({ method = 'GET', kid, body, query = {} }: Asked) {
  const parameters = { customerAuthenticator: authenticatorOf('good'), errorFormat: 'json', ...query };
  const path = kid === undefined ? 'keys' : `keys/${encodeURIComponent(kid)}`;
  const response = await fetch(`${emulator.url}/keystore/${path}?${new URLSearchParams(parameters).toString()}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  return { status: response.status, answer: text.startsWith('<') ? text : text && (JSON.parse(text) as unknown) };
}

const post = (body?: unknown, query: Record<string, string> = {}) => ask({ method: 'POST', body, query });
const upper = (text: string): string => text.toUpperCase();
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe('a key is stored', () => {
  it('wrapped, as it is, with all that belongs to it', async () => {
    const [{ kek, ek }, kid] = [wrappedKeyParameters(), randomHex(16)];
    const others = { kekId: '2026-12', info: 'HD', expiration: '2027-01-01T00:00:00Z', contentId: 'sintel' };
    const stored = { kid: upper(kid), ...others, lastUpdate: NOW.toISOString() };
    expect(await post({ kid, ek, ...others })).toEqual({ status: 200, answer: { ...stored, ek: upper(ek) } });
    expect((await ask({ kid: upper(kid) })).answer).toEqual({ ...stored, ek: upper(ek) });
    const k = upper(Buffer.from(unwrapKey(bytes(kek), bytes(ek))).toString('hex'));
    expect((await ask({ kid, query: { kek } })).answer).toEqual({ ...stored, k });
    expect(await ask({ kid, query: { kek: randomHex(16) } })).toMatchObject({
      status: 400,
      answer: { errorCode: -4024 },
    });
  });

  it('clear, and is wrapped there', async () => {
    const [kek, k, kid] = [randomHex(16), randomHex(16), randomHex(16)];
    const { answer } = await post({ kid, k }, { kek });
    expect(answer).toEqual({
      kid: upper(kid),
      kekId: expect.stringMatching(/^#1\.[0-9A-F]{40}$/),
      k: upper(k),
      lastUpdate: NOW.toISOString(),
    });
    const ek = upper(Buffer.from(wrapKey(bytes(kek), bytes(k))).toString('hex'));
    expect((await ask({ kid })).answer).toMatchObject({ ek });
    const other = await post({ k: randomHex(16) }, { kek });
    expect(other.answer).toMatchObject({ kekId: (answer as { kekId: string }).kekId });
  });

  it('that is made there, with both its forms in the answer', async () => {
    const kek = randomHex(16);
    const { answer } = await post(undefined, { kek });
    const { kid, k, ek, kekId } = answer as Record<string, string>;
    expect(Object.keys(answer as object).toSorted()).toEqual(['ek', 'k', 'kekId', 'kid', 'lastUpdate']);
    expect([kid, k, kekId]).toEqual([
      expect.stringMatching(/^[0-9A-F]{32}$/),
      expect.stringMatching(/^[0-9A-F]{32}$/),
      expect.stringMatching(/^#1\.[0-9A-F]{40}$/),
    ]);
    expect(upper(Buffer.from(unwrapKey(bytes(kek), bytes(ek!))).toString('hex'))).toBe(k);
  });

  it('for token requests too, until it is deleted', async () => {
    const [{ kek, ek }, kid] = [wrappedKeyParameters(), randomHex(16)];
    const token = async () =>
      outcomeOfAnswer(
        await askForToken(emulator.url, 'widevine', { ...WIDEVINE_REQUEST, contentKey: undefined, kek, kid }),
      );
    expect(await token()).toEqual([500, -4019]);
    await post({ kid: upper(kid), ek });
    expect(await token()).toEqual([200, undefined]);
    const { answer } = await ask({});
    expect(answer).toContainEqual(expect.objectContaining({ kid: upper(kid), ek: upper(ek) }));
    expect(await ask({ method: 'DELETE', kid })).toEqual({ status: 204, answer: '' });
    expect(await token()).toEqual([500, -4019]);
    expect(await ask({ kid })).toMatchObject({
      status: 404,
      answer: { errorMessage: 'no key is stored under this kid' },
    });
    expect((await ask({ method: 'DELETE', kid })).status).toBe(404);
  });

  it('until it expires', async () => {
    const kid = randomHex(16);
    const expiration = new Date(emulator.clock.now().getTime() + 60_000).toISOString();
    await post({ kid, ek: wrappedKeyParameters().ek, expiration });
    expect((await ask({ kid })).status).toBe(200);
    emulator.clock.advance(60);
    expect((await ask({ kid })).status).toBe(404);
    expect((await ask({})).answer).not.toContainEqual(expect.objectContaining({ kid: upper(kid) }));
  });
});

describe('refused is', () => {
  const { kek, ek } = wrappedKeyParameters();
  const k = randomHex(16);
  it.each<[string, Asked, number, number | undefined]>([
    ['no authenticator', { query: { customerAuthenticator: '' } }, 401, -2017],
    ['an unknown authenticator', { query: { customerAuthenticator: '1,00' } }, 401, -2018],
    ['a disabled account', { query: { customerAuthenticator: authenticatorOf('disabled') } }, 401, -2031],
    ['a short kid', { kid: 'abc' }, 400, -4020],
    ['a kek that is none', { query: { kek: 'abc' } }, 400, -4024],
    ['k without kek', { method: 'POST', body: { k } }, 400, -4024],
    ['nothing without kek', { method: 'POST' }, 400, -4024],
    ['ek with kek', { method: 'POST', body: { ek }, query: { kek } }, 400, -4024],
    ['a short ek', { method: 'POST', body: { ek: ek.slice(2) } }, 400, -4024],
    ['a short k', { method: 'POST', body: { k: k.slice(1) }, query: { kek } }, 400, -2027],
    ['a kid to store that is not hex', { method: 'POST', body: { ek, kid: 'x'.repeat(32) } }, 400, -4022],
    ['a moment that is none', { method: 'POST', body: { ek, expiration: '+60' } }, 400, undefined],
    ['an unknown member', { method: 'POST', body: { ek, KID: '' } }, 400, undefined],
    ['a number', { method: 'POST', body: { ek, info: 1 } }, 400, undefined],
    ['a list', { method: 'POST', body: [] }, 400, undefined],
    ['another method', { method: 'PUT', body: { ek } }, 404, undefined],
  ])('%s', async (_what, asked, status, errorCode) => {
    const outcome = await ask(asked);
    expect([outcome.status, (outcome.answer as { errorCode?: number }).errorCode]).toEqual([status, errorCode]);
    expect(JSON.stringify(outcome).toLowerCase()).not.toMatch(new RegExp(`${kek}|${ek}|${k}`));
    const html = await ask({ ...asked, query: { ...asked.query, errorFormat: 'html' } });
    expect([html.status, /-\d{4}/.exec(html.answer as string)?.[0]]).toEqual([status, errorCode?.toString()]);
  });
});
