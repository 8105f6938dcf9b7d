// ClearKey at the licence servers: the keys of a token, for a browser that has no other DRM.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authenticatorOf } from '../../apps/expressplay-emulator/src/testing/ask.js';
import { type Service, SERVICES } from './documented-codes.js';
import { EmulatorSession, expectRefusal, expectToken } from './support/emulator-session.js';
import { ACCOUNTS, NOW, type Parameters, randomHex, VALID_REQUESTS } from './support/requests.js';
import { wrapKey } from '../../libs/expressplay/src/index.js';

const PATHS = {
  playready: '/playready/RightsManager.asmx',
  fairplay: '/hms/fp/rights/',
  widevine: '/hms/wv/rights/',
} as const;

/** A key of a title. */
interface Key {
  readonly kid: string;
  readonly key: string;
}
const newKey = (): Key => ({ kid: randomHex(16), key: randomHex(16) });
const base64url = (hex: string) => Buffer.from(hex, 'hex').toString('base64url');
/** What a browser sends for these KIDs. */
const request = (...kids: string[]) => ({ kids: kids.map(base64url), type: 'temporary' });

let emulator: EmulatorSession;
beforeAll(async () => {
  emulator = await EmulatorSession.start();
});
beforeEach(() => emulator.clock.set(NOW));
afterAll(() => emulator.close());

/** The licence URL of a new token. */
async function buy(service: Service, change: Parameters): Promise<string> {
  const asked = { customerAuthenticator: ACCOUNTS.good, ...VALID_REQUESTS[service], ...change };
  const token = expectToken(await emulator.post(service, asked), service);
  return `${PATHS[service]}?errorFormat=json&ExpressPlayToken=${token}`;
}

const challenge = (url: string, body: object | string | Uint8Array<ArrayBuffer>, init: RequestInit = {}) =>
  emulator.send(url, {
    method: 'POST',
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    ...init,
  });

async function expectLicense(url: string, kids: readonly string[], keys: readonly Key[]): Promise<void> {
  const { status, mediaType, body } = await challenge(url, request(...kids));
  expect({ status, mediaType, license: JSON.parse(body) as unknown }).toEqual({
    status: 200,
    mediaType: 'application/json',
    license: {
      type: 'temporary',
      keys: keys.map(({ kid, key }) => ({ kty: 'oct', kid: base64url(kid), k: base64url(key) })),
    },
  });
}

/** Request parameters of several keys, each clear. */
const numbered = (keys: readonly Key[]): Parameters => ({
  kid: undefined,
  contentKey: undefined,
  securityLevel: undefined,
  hdcpOutputControl: undefined,
  ...Object.fromEntries(
    keys.flatMap(({ kid, key }, number) => [
      [`kid.${number}`, kid],
      [`contentKey.${number}`, key],
      [`securityLevel.${number}`, '1'],
      [`hdcpOutputControl.${number}`, '0'],
    ]),
  ),
});

/** How often the emulator says that a cookie's tokens were redeemed. */
async function redemptionsOf(cookie: string): Promise<number> {
  const all = JSON.parse((await emulator.send('/emulator/redemptions')).body) as { cookie: string; count: number }[];
  return all.find((one) => one.cookie === cookie)?.count ?? 0;
}

describe.each(SERVICES)('a token for %s', (service) => {
  it('has the key that was sent', async () => {
    const one = newKey();
    await expectLicense(await buy(service, { kid: one.kid, contentKey: one.key }), [one.kid], [one]);
    const upper = { kid: one.kid.toUpperCase(), contentKey: one.key };
    await expectLicense(await buy(service, upper), [randomHex(16), one.kid], [one]);
  });

  it('is refused after its end, and counts each time that it is redeemed', async () => {
    const { kid, key } = newKey();
    const url = await buy(service, { kid, contentKey: key, cookie: `${service}-counted`, expirationTime: '+60' });
    for (let time = 0; time < 2; time += 1) expect((await challenge(url, request(kid))).status).toBe(200);
    emulator.clock.advance(60);
    expectRefusal(await challenge(url, request(kid)), -4010, 'json');
    expect(await redemptionsOf(`${service}-counted`)).toBe(2);
  });

  it.each([
    ['a KID of another title', request(randomHex(16)), -4022],
    ['no KID', request(), -4022],
    ['a KID that is too short', request(randomHex(15)), -4022],
    ['a KID that is no text', { kids: [7] }, -4022],
    ['a licence to keep', { ...request(randomHex(16)), type: 'persistent-license' }, -5003],
  ])('gives no key for %s, and is not redeemed by it', async (_what, body, code) => {
    const cookie = randomHex(16);
    const url = await buy(service, { kid: randomHex(16), contentKey: randomHex(16), cookie });
    expectRefusal(await challenge(url, body), code, 'json');
    expect(await redemptionsOf(cookie)).toBe(0);
  });

  it('shows its key to nobody who only looks at it', async () => {
    const { kid, key } = newKey();
    const url = await buy(service, { kid, contentKey: key });
    const token = url.slice(url.indexOf('ExpressPlayToken=') + 17);
    const seen = [
      (await emulator.send(`/emulator/tokens/${token}`)).body,
      (await emulator.send('/emulator/requests')).body,
      (await challenge(url, 'of another DRM')).body,
      Buffer.from(token, 'base64url').toString('latin1'),
    ].join();
    for (const form of [key, base64url(key), Buffer.from(key, 'hex').toString('latin1')])
      expect(seen).not.toContain(form);
  });

  it('is one that pages of other origins may redeem', async () => {
    const { kid, key } = newKey();
    const url = `${emulator.url}${await buy(service, { kid, contentKey: key })}`;
    const origin = 'https://player.example';
    const preflight = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    const answers = [
      await fetch(url, { method: 'OPTIONS', headers: preflight }),
      await fetch(url, { method: 'POST', headers: { origin }, body: JSON.stringify(request(kid)) }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([204, 200]);
    expect(answers.map(({ headers }) => headers.get('access-control-allow-origin'))).toEqual([origin, origin]);
  });
});

it('unwraps keys of a request, and those of the key storage', async () => {
  const [kek, wrapped] = [randomHex(16), newKey()];
  const ek = Buffer.from(wrapKey(Buffer.from(kek, 'hex'), Buffer.from(wrapped.key, 'hex'))).toString('hex');
  for (const service of ['playready', 'widevine'] as const) {
    const url = await buy(service, { kid: wrapped.kid, contentKey: undefined, kek, ek });
    await expectLicense(url, [wrapped.kid], [wrapped]);
    await emulator.storeKey(wrapped.kid, ek);
    const stored = await buy(service, { kid: wrapped.kid, contentKey: undefined, kek });
    await expectLicense(stored, [wrapped.kid], [wrapped]);
  }
});

it('gives the keys that are asked for, of those that the token has', async () => {
  const [sd, hd, audio, other] = [newKey(), newKey(), newKey(), newKey()];
  const url = await buy('widevine', numbered([sd, hd, audio]));
  await expectLicense(url, [sd.kid, hd.kid, audio.kid, other.kid], [sd, hd, audio]);
  await expectLicense(url, [audio.kid, sd.kid], [sd, audio]);
  const without = await buy('widevine', numbered([sd, audio]));
  await expectLicense(without, [sd.kid, hd.kid, audio.kid], [sd, audio]);
});

it('gives no key once a rental is over, though the token has not expired', async () => {
  const { kid, key } = newKey();
  const rental = { rightsType: 'Rental', generalFlags: '00000001', 'rental.periodEndTime': '+30' };
  const url = await buy('playready', { ...rental, kid, contentKey: key });
  emulator.clock.advance(29);
  expect((await challenge(url, request(kid))).status).toBe(200);
  emulator.clock.advance(1);
  expectRefusal(await challenge(url, request(kid)), -4010, 'json');
});

describe("Widevine's request for a certificate", () => {
  const CERTIFICATE_REQUEST = new Uint8Array([8, 4]);

  it('redeems nothing and costs nothing: the challenge comes with the same token', async () => {
    const { kid, key } = newKey();
    const account = { customerAuthenticator: authenticatorOf('charged-when-redeemed') };
    const bought = { ...account, kid, contentKey: key };
    const [first, second] = [await buy('widevine', { ...bought, cookie: 'first' }), await buy('widevine', bought)];
    for (const url of [first, second, first]) {
      const { status, body } = await challenge(url, CERTIFICATE_REQUEST);
      expect([status, body]).toEqual([200, '\u0008\u0005']);
    }
    expect(await redemptionsOf('first')).toBe(0);
    await expectLicense(first, [kid], [{ kid, key }]);
    // The account has paid for one.
    expectRefusal(await challenge(second, request(kid)), -2019, 'json');
  });

  it('needs a token that could be redeemed', async () => {
    expectRefusal(await challenge(`${PATHS.widevine}?errorFormat=json`, CERTIFICATE_REQUEST), -4010, 'json');
    const url = await buy('widevine', { expirationTime: '+60' });
    emulator.clock.advance(60);
    expectRefusal(await challenge(url, CERTIFICATE_REQUEST), -4010, 'json');
  });
});
