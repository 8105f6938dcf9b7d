import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_ACCOUNTS } from './accounts/account.js';
import type { ReceivedRequest } from './inspection/records.js';
import { type RunningEmulator, startEmulator } from './testing/running-emulator.js';
import {
  type Asked,
  entriesOf,
  FAIRPLAY_REQUEST,
  PLAYREADY_PURCHASE,
  PLAYREADY_RENTAL,
  randomHex,
  WIDEVINE_REQUEST,
  wrappedKeyParameters,
} from './testing/valid-requests.js';

const NOW = new Date('2026-11-21T10:00:00.000Z');
const AUTHENTICATED = { customerAuthenticator: DEMO_ACCOUNTS[0]!.authenticator };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let emulator: RunningEmulator;
beforeAll(async () => {
  emulator = await startEmulator(NOW);
});
afterAll(() => emulator.close());
beforeEach(async () => {
  emulator.clock.set(NOW);
  await fetch(`${emulator.url}/emulator/requests`, { method: 'DELETE' });
});

const query = (asked: Asked) => new URLSearchParams(entriesOf(asked)).toString();
const get = (path: string, asked: Asked) => fetch(`${emulator.url}${path}?${query(asked)}`);
const post = (path: string, asked: Asked) => postText(path, query(asked));
const postText = (path: string, body: string, headers: Record<string, string> = FORM) =>
  fetch(`${emulator.url}${path}`, { method: 'POST', body, headers });
const json = async <T = Record<string, unknown>>(path: string): Promise<T> =>
  (await (await fetch(`${emulator.url}${path}`)).json()) as T;
const received = () => json<ReceivedRequest[]>('/emulator/requests');
const codeOf = async (response: Response) => ((await response.json()) as { errorCode?: number }).errorCode;

describe('a token from its issue to its licence', () => {
  it('PlayReady: issued, inspected, redeemed, expired', async () => {
    const asked = {
      ...PLAYREADY_RENTAL,
      ...AUTHENTICATED,
      contentKey: undefined,
      ...wrappedKeyParameters(),
      'rental.playDuration': '7200',
      expirationTime: '+60',
      cookie: 'c1',
    };
    const response = await post('/hms/pr/token', asked);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/uri-list']);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const answer = JSON.parse(await response.text()) as { licenseAcquisitionUrl: string; token: string };
    expect(Object.keys(answer)).toEqual(['licenseAcquisitionUrl', 'token']);
    expect(answer.licenseAcquisitionUrl).toBe(`${emulator.url}/playready/RightsManager.asmx`);

    const redacted = { customerAuthenticator: '[redacted]', kek: '[redacted]', ek: '[redacted]' };
    expect(await json(`/emulator/tokens/${answer.token}`)).toMatchObject({
      service: 'playready',
      issuedAt: '2026-11-21T10:00:00.000Z',
      expiresAt: '2026-11-21T10:01:00.000Z',
      parameters: JSON.parse(JSON.stringify({ ...asked, ...redacted })),
    });

    const licenseUrl = `${answer.licenseAcquisitionUrl}?ExpressPlayToken=${answer.token}`;
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? '<soap:Envelope/>' : undefined;
      const license = await fetch(licenseUrl, { method, body, headers: { 'content-type': 'text/xml' } });
      expect(license.status).toBe(200);
      expect(await license.json()).toMatchObject({
        service: 'playready',
        kid: PLAYREADY_RENTAL.kid,
        rightsType: 'Rental',
        persistent: true,
        rentalEndsAt: '2026-11-21T11:00:00.000Z',
        expiresAt: '2026-11-21T11:00:00.000Z',
        playDurationSeconds: 7200,
        outputProtection: { analogVideo: 100, uncompressedDigitalVideo: 500 },
      });
    }

    emulator.clock.advance(60);
    const late = await fetch(`${licenseUrl}&errorFormat=json`);
    expect([late.status, await codeOf(late)]).toEqual([400, -4010]);
    expect(await json(`/emulator/tokens/${answer.token}`)).toMatchObject({ service: 'playready' });
  });

  it('FairPlay: issued, inspected, redeemed', async () => {
    const extensions = ['wudo,AAAAAA==', 'abcd,AQ=='];
    const asked = { ...FAIRPLAY_REQUEST, ...AUTHENTICATED, rentalDuration: '3600', fpExtension: extensions };
    const response = await get('/hms/fp/token', asked);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/uri-list']);
    const url = await response.text();
    const [base, token] = url.split('?ExpressPlayToken=');
    expect(base).toBe(`${emulator.url}/hms/fp/rights/`);
    expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(await json(`/emulator/tokens/${token}`)).toMatchObject({
      service: 'fairplay',
      parameters: { iv: FAIRPLAY_REQUEST.iv, contentKey: '[redacted]', fpExtension: extensions },
    });
    for (const method of ['GET', 'POST']) {
      const license = await fetch(url, { method });
      expect(await license.json()).toMatchObject({ rightsType: 'Rental', expiresAt: '2026-11-21T11:00:00.000Z' });
    }
  });

  it('Widevine: issued, inspected, redeemed, expired', async () => {
    const asked = {
      ...WIDEVINE_REQUEST,
      ...AUTHENTICATED,
      licenseDuration: '3600',
      expirationTime: '+60',
      cookie: 'c',
    };
    const response = await post('/hms/wv/token', asked);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/uri-list']);
    const url = await response.text();
    const [base, token] = url.split('?ExpressPlayToken=');
    expect(base).toBe(`${emulator.url}/hms/wv/rights/`);
    expect(await json(`/emulator/tokens/${token}`)).toMatchObject({ service: 'widevine', cookie: 'c' });
    for (const method of ['GET', 'POST']) {
      expect(await (await fetch(url, { method })).json()).toMatchObject({
        service: 'widevine',
        rightsType: 'Rental',
        playDurationSeconds: 3600,
        securityLevel: 'SW_SECURE_CRYPTO',
        outputProtection: { hdcp: 'HDCP_NONE' },
      });
    }
    emulator.clock.advance(60);
    expect(await codeOf(await fetch(`${url}&errorFormat=json`))).toBe(-4010);
  });

  it('several keys, asked for by GET, and redeemed with the token as CustomData of a challenge', async () => {
    const { kid: _kid, contentKey: _key, ...shared } = PLAYREADY_PURCHASE;
    const kids = [randomHex(16), randomHex(16)];
    const keys = { 'kid.0': kids[0], 'contentKey.0': randomHex(16), 'kid.1': kids[1], 'contentKey.1': randomHex(16) };
    const response = await get('/hms/pr/token', { ...shared, ...AUTHENTICATED, ...keys, algId: 'aescbc' });
    const { licenseAcquisitionUrl, token } = JSON.parse(await response.text()) as Record<string, string>;
    const challenge = `<soap:Envelope><LA><CustomData>${token}</CustomData></LA></soap:Envelope>`;
    const license = await fetch(licenseAcquisitionUrl!, {
      method: 'POST',
      body: challenge,
      headers: { 'content-type': 'text/xml' },
    });
    expect(await license.json()).toMatchObject({ algorithm: 'aescbc', keys: kids.map((kid) => ({ kid })) });
    const [request] = await received();
    expect(request).toMatchObject({ method: 'GET', ignored: [], parameters: { 'contentKey.1': '[redacted]' } });
    const without = await fetch(`${licenseAcquisitionUrl}?errorFormat=json`, {
      method: 'POST',
      body: challenge.replace(token!, ''),
      headers: { 'content-type': 'text/xml' },
    });
    expect(await codeOf(without)).toBe(-4010);
  });

  it('a forged token is refused, by the licence server and by inspection', async () => {
    const forged = 'A'.repeat(400);
    const redeemed = await fetch(`${emulator.url}/hms/fp/rights/?ExpressPlayToken=${forged}`);
    expect([redeemed.status, redeemed.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8']);
    expect(await redeemed.text()).toContain('-4010');
    const shown = await fetch(`${emulator.url}/emulator/tokens/${forged}`);
    expect([shown.status, await shown.json()]).toMatchObject([400, { code: 'invalid-request' }]);
  });
});

describe('how parameters are read', () => {
  const purchase = query({ ...PLAYREADY_PURCHASE, ...AUTHENTICATED, errorFormat: 'json' });

  it('takes %2B for a plus and + for a space', async () => {
    expect((await postText('/hms/pr/token', `${purchase}&expirationTime=%2B60`)).status).toBe(200);
    const response = await postText('/hms/pr/token', `${purchase}&expirationTime=+60`);
    expect([response.status, await codeOf(response)]).toEqual([400, -2002]);
  });

  it('joins query and body', async () => {
    const path = `/hms/pr/token?${query(AUTHENTICATED)}`;
    expect((await post(path, PLAYREADY_PURCHASE)).status).toBe(200);
  });

  it('takes a charset and any case of the media type', async () => {
    const headers = { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=UTF-8' };
    expect((await postText('/hms/pr/token', purchase, headers)).status).toBe(200);
  });

  it('names the cookie that is not UTF-8', async () => {
    expect(await codeOf(await postText('/hms/pr/token', `${purchase}&cookie=%ff`))).toBe(-2033);
  });

  const unread: [string, string, Record<string, string>][] = [
    ['declared as JSON', '{"a":', { 'content-type': 'application/json' }],
    ['declared as nothing that is known', purchase, { 'content-type': 'application/x-other' }],
    ['declared as nothing that can be read', purchase, { 'content-type': 'form' }],
    ['larger than any request', `${purchase}&x=${'x'.repeat(70_000)}`, FORM],
    ['empty', '', FORM],
  ];
  it.each(unread)('does not read a body %s, and so misses the authenticator', async (_what, body, headers) => {
    const response = await postText('/hms/pr/token?errorFormat=json', body, headers);
    expect([response.status, await codeOf(response)]).toEqual([401, -2017]);
  });

  it('records a body that ended early', async () => {
    const { hostname, port } = new URL(emulator.url);
    const head = `POST /hms/fp/token HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\nExpect: 100-continue\r\n\r\n`;
    const socket = connect(Number(port), hostname, () => socket.write(head));
    socket.once('data', () => socket.write('iv=', () => socket.destroy()));
    await expect.poll(received).toMatchObject([{ service: 'fairplay', outcome: -2017 }]);
  });
});

describe('errors', () => {
  it('are html unless json is asked for', async () => {
    const html = await get('/hms/fp/token', {});
    expect([html.status, html.headers.get('content-type')]).toEqual([401, 'text/html; charset=utf-8']);
    expect(await html.text()).toContain('-2017');
    const asJson = await post('/hms/fp/token', { errorFormat: 'json' });
    expect([asJson.status, asJson.headers.get('content-type')]).toEqual([401, 'application/json; charset=utf-8']);
    expect(await asJson.json()).toEqual({ errorCode: -2017, errorMessage: 'authentication token must be supplied' });
  });

  it('are html for an unknown format', async () => {
    const response = await post('/hms/pr/token', { ...PLAYREADY_PURCHASE, ...AUTHENTICATED, errorFormat: 'xml' });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('-3004')]);
  });

  it('from key storage are 500', async () => {
    const asked = { ...PLAYREADY_PURCHASE, ...AUTHENTICATED, contentKey: undefined, kek: wrappedKeyParameters().kek };
    const response = await post('/hms/pr/token', { ...asked, errorFormat: 'json' });
    expect([response.status, await codeOf(response)]).toEqual([500, -4019]);
  });

  const wrongUrls: [string, string][] = [
    ['GET', '/hms/xx/token'],
    ['POST', '/hms/xx/token'],
    ['POST', '/hms/pr/token/more'],
    ['POST', '/hms/PR/token'],
    ['PUT', '/hms/pr/token'],
    ['GET', '/hms/fp/rights'],
    ['GET', '/hms/fp/rights/more'],
    ['GET', '/playready/other.asmx'],
  ];
  it.each(wrongUrls)('for %s %s are 404, without a code', async (method, path) => {
    for (const format of ['html', 'json']) {
      const body = method === 'GET' ? undefined : 'x=1';
      const response = await fetch(`${emulator.url}${path}?errorFormat=${format}`, { method, body, headers: FORM });
      expect([response.status, response.headers.get('content-type')]).toEqual([404, expect.stringContaining(format)]);
      expect(await response.text()).not.toMatch(/-\d{4}/);
    }
  });
});

describe('what is inspected', () => {
  it('lists requests, oldest first, until they are cleared', async () => {
    await post('/hms/pr/token', { ...PLAYREADY_PURCHASE, ...AUTHENTICATED, cookie: 'c1' });
    await get('/hms/fp/token', { ...FAIRPLAY_REQUEST, customerAuthenticator: '1,x', cookie: 'c2' });
    const requests = await received();
    expect(requests).toMatchObject([
      { service: 'playready', method: 'POST', outcome: 'issued', cookie: 'c1', at: NOW.toISOString() },
      { service: 'fairplay', method: 'GET', outcome: -2018, cookie: 'c2' },
    ]);
    expect(JSON.stringify(requests)).not.toContain(PLAYREADY_PURCHASE.contentKey);
    expect(JSON.stringify(requests)).not.toContain(AUTHENTICATED.customerAuthenticator);
    const cleared = await fetch(`${emulator.url}/emulator/requests`, { method: 'DELETE' });
    expect(cleared.status).toBe(204);
    expect(await received()).toEqual([]);
  });

  it('is up', async () => {
    expect((await fetch(`${emulator.url}/emulator/health`)).status).toBe(200);
  });

  it('has problem documents for its own errors', async () => {
    const response = await fetch(`${emulator.url}/emulator/other`);
    expect([response.status, await response.json()]).toMatchObject([404, { code: 'route-not-found' }]);
  });
});

describe('the environment', () => {
  it('of the emulator decides which authenticator is good and where licences are', async () => {
    const variables = { EMULATOR_ENVIRONMENT: 'production', EMULATOR_PUBLIC_URL: 'https://drm.example/emulator/' };
    const production = await startEmulator(NOW, variables);
    try {
      const ask = (customerAuthenticator: string) =>
        fetch(`${production.url}/hms/fp/token?${query({ ...FAIRPLAY_REQUEST, customerAuthenticator })}`);
      expect((await ask(DEMO_ACCOUNTS[0]!.authenticator)).status).toBe(401);
      const response = await ask(DEMO_ACCOUNTS[1]!.authenticator);
      expect(await response.text()).toMatch(/^https:\/\/drm\.example\/emulator\/hms\/fp\/rights\/\?ExpressPlayToken=/);
    } finally {
      await production.close();
    }
  });
});
