// Key storage and record retrieval as ExpressPlay's pages have them, typed from there: the emulator by plain HTTP, and our clients of it.
import { randomBytes } from 'node:crypto';
import { ExpressPlayClient, KeyStorageClient, RecordsClient, wrapKey } from '@app/expressplay';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmulatorSession } from './support/emulator-session.js';
import { ACCOUNTS, NOW } from './support/requests.js';

let session: EmulatorSession;
beforeAll(async () => {
  session = await EmulatorSession.start();
});
afterAll(() => session.close());

const options = () => ({
  environment: 'test' as const,
  prodDomain: 'service.expressplay.com' as const,
  baseUrl: session.url,
  customerAuthenticator: ACCOUNTS.good,
  connectTimeoutMs: 5000,
  timeoutMs: 5000,
  maxConnections: 1,
  useHttps: false,
  now: () => NOW,
});

async function withClients<T>(
  use: (keys: KeyStorageClient, records: RecordsClient, tokens: ExpressPlayClient) => Promise<T>,
): Promise<T> {
  const clients = [
    new KeyStorageClient(options()),
    new RecordsClient(options()),
    new ExpressPlayClient(options()),
  ] as const;
  try {
    return await use(...clients);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

const keystore = (path: string, query: string, init: RequestInit = {}) =>
  session.send(`/keystore/keys${path}?customerAuthenticator=${ACCOUNTS.good}${query}`, init);
const posted = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('key storage', () => {
  it('makes a key, and answers as seen: KID, KEK id, both forms of the key, the time, hex in upper case', async () => {
    const { status, body } = await keystore('', `&kek=${hex(randomBytes(16))}`, posted({}));
    expect([status, JSON.parse(body)]).toEqual([
      200,
      {
        kid: expect.stringMatching(/^[0-9A-F]{32}$/),
        kekId: expect.stringMatching(/^#1\.[0-9A-F]{40}$/),
        ek: expect.stringMatching(/^[0-9A-F]{48}$/),
        k: expect.stringMatching(/^[0-9A-F]{32}$/),
        lastUpdate: expect.stringMatching(/^\d{4}-/),
      },
    ]);
  });

  it('answers with k where kek is in the query, with ek where it is not', async () => {
    const [kek, key, kid] = [randomBytes(16), randomBytes(16), hex(randomBytes(16))];
    const given = { kid, k: hex(key), info: 'HD', expiration: '2030-01-01T00:00:00Z', contentId: 'film' };
    await keystore('', `&kek=${hex(kek)}`, posted(given));
    const one = async (query: string): Promise<unknown> => JSON.parse((await keystore(`/${kid}`, query)).body);
    const stored = { kid: kid.toUpperCase(), info: 'HD', expiration: '2030-01-01T00:00:00Z', contentId: 'film' };
    expect(await one(`&kek=${hex(kek)}`)).toMatchObject({ ...stored, k: hex(key).toUpperCase() });
    expect(await one('')).toMatchObject({ ...stored, ek: hex(wrapKey(kek, key)).toUpperCase() });
    expect(await one('')).not.toHaveProperty('k');
  });

  it('has what our client stores, for token requests with kek and kid', async () => {
    const [kek, kid] = [randomBytes(16), hex(randomBytes(16))];
    const ek = wrapKey(kek, randomBytes(16));
    await withClients(async (keys, _, tokens) => {
      const request = {
        drm: 'widevine',
        kid,
        key: { kind: 'key-storage', kek },
        securityLevel: 1,
        hdcpOutputControl: 0,
        expiresAt: new Date(NOW.getTime() + 60_000),
      } as const;
      await expect(tokens.requestToken(request)).rejects.toMatchObject({ code: -4019 });
      const stored = { kid, kekId: '2026-12', ek, contentId: 'film' };
      expect(await keys.store(stored)).toMatchObject(stored);
      expect(await keys.get(kid.toUpperCase())).toMatchObject(stored);
      expect(await keys.list()).toContainEqual(expect.objectContaining(stored));
      expect((await tokens.requestToken(request)).token).not.toBe('');
      expect([await keys.delete(kid), await keys.delete(kid), await keys.get(kid)]).toEqual([true, false, undefined]);
      await expect(tokens.requestToken(request)).rejects.toMatchObject({ code: -4019 });
    });
  });
});

describe('record retrieval', () => {
  it('has an event for each redemption: the newest 32, those of a cookie, a page', async () => {
    await withClients(async (_, records, tokens) => {
      const redeem = async (cookie: string): Promise<void> => {
        const key = { kind: 'clear', contentKey: randomBytes(16) } as const;
        const expiresAt = new Date(NOW.getTime() + 60_000);
        const { licenseUrl } = await tokens.requestToken({
          drm: 'fairplay',
          iv: hex(randomBytes(16)),
          key,
          expiresAt,
          cookie,
        });
        expect((await fetch(licenseUrl)).status).toBe(200);
      };
      const cookies = Array.from({ length: 34 }, (_unused, index) => `cookie-${index}`);
      for (const cookie of cookies) await redeem(cookie);
      const seen = (found: readonly { cookie: string | null }[]) => found.map(({ cookie }) => cookie);
      expect(seen(await records.newest())).toEqual(cookies.toReversed().slice(0, 32));
      const [one, ...others] = await records.ofCookie('cookie-7');
      expect([one?.cookie, others]).toEqual(['cookie-7', []]);
      expect(seen(await records.page(0))).toEqual(cookies);
      expect(await records.page(7, 1)).toEqual([one]);
      expect(await records.page(34)).toEqual([]);
    });
  });

  it('does not combine its methods', async () => {
    const query = `customerAuthenticator=${ACCOUNTS.good}&cookie=c&start=0&length=200`;
    expect((await session.send(`/cmiapi/getrecord/?${query}`)).status).toBe(400);
  });
});
