// docs/players.md: its JavaScript, run as it stands there, against the service and the emulator.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PROBLEMS } from '@app/problems';
import { TestService } from '../support/test-service.js';
import { PageModules } from './page-modules.js';
import { BrowserStandIn, dashjsStandIn, hlsStandIn, LicenceRequests, shakaStandIn } from './player-stand-ins.js';

const PAGE = 'docs/players.md';
const MANIFEST = 'https://cdn.example/sintel.mpd';

interface Order {
  service: string;
  bearer(options: { fresh: boolean }): Promise<string>;
  contentId: string;
  drm: string;
  offline?: boolean;
}
interface Answer {
  id: string;
  licenseUrl: string;
  rights: { type: string; persistent: boolean };
}
type Play = (video: object, manifest: string, ...rest: unknown[]) => Promise<{ settled?(): Promise<unknown> }>;

let service: TestService;
let page: PageModules;
let certificates: Server;
let certificateUrl: string;
let licences: LicenceRequests;
let licenseToken: (order: Order) => Promise<Answer>;

beforeAll(async () => {
  service = await TestService.start();
  licences = new LicenceRequests();
  page = await PageModules.of(PAGE, {
    'shaka-player': { default: shakaStandIn(licences) },
    dashjs: { MediaPlayer: dashjsStandIn(licences) },
    'hls.js': { default: hlsStandIn(licences) },
  });
  ({ licenseToken } = await page.load<{ licenseToken: typeof licenseToken }>('license-token.js'));
  certificates = createServer((_request, response) => response.end('a certificate'));
  await new Promise<void>((resolve) => certificates.listen(0, '127.0.0.1', resolve));
  certificateUrl = `http://127.0.0.1:${(certificates.address() as AddressInfo).port}/fairplay.cer`;
});
afterAll(async () => {
  certificates.close();
  await page.remove();
  await service.stop();
});
beforeEach(() => void licences.made.splice(0));
afterEach(() => void vi.unstubAllGlobals());

function order(user: string, drm = 'widevine', more: Partial<Order> = {}): Order {
  return { service: service.url, bearer: () => service.issuer.token(user), contentId: 'sintel', drm, ...more };
}

/** Counts what is asked of the service, and lets an answer be something else. */
function watchFetch(instead: (count: number) => Response | undefined = () => undefined): { count: number } {
  const asked = { count: 0 };
  const real = globalThis.fetch;
  vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
    if (!url.endsWith('/v1/license-tokens')) return real(url, init);
    asked.count += 1;
    return instead(asked.count) ?? real(url, init);
  });
  return asked;
}

/** Lets the page's own waits pass at once, and tells how long each would have been. */
function watchWaits(then: () => void = () => undefined): number[] {
  const waits: number[] = [];
  const real = globalThis.setTimeout;
  vi.stubGlobal('setTimeout', (work: (...rest: unknown[]) => void, milliseconds?: number, ...rest: unknown[]) => {
    const ofPage = new Error().stack?.includes('license-token.js') === true;
    if (!ofPage) return real(() => work(...rest), milliseconds);
    waits.push(milliseconds ?? 0);
    then();
    return real(work, 0);
  });
  return waits;
}

const problem = (code: keyof typeof PROBLEMS, headers: Record<string, string> = {}) =>
  Response.json({ code, title: PROBLEMS[code].title, requestId: 'r-1' }, { status: PROBLEMS[code].status, headers });

describe('the function that asks', () => {
  it('gets a token that the licence server takes', async () => {
    const answer = await licenseToken(order('bob', 'playready'));
    expect(answer.rights).toMatchObject({ type: 'rental', persistent: true });
    expect((await fetch(answer.licenseUrl)).status).toBe(200);
  });

  it('says what the page says of offline', async () => {
    const persistent = async (user: string, drm: string, offline: boolean) =>
      (await licenseToken(order(user, drm, { offline }))).rights.persistent;
    expect(await persistent('alice', 'playready', false)).toBe(false);
    expect(await persistent('alice', 'playready', true)).toBe(true);
    expect(await persistent('bob', 'playready', false)).toBe(true);
    expect(await persistent('alice', 'fairplay', true)).toBe(false);
    expect(await persistent('alice', 'widevine', true)).toBe(false);
  });

  it('asks for a new bearer token once, and then gives up', async () => {
    const asked = watchFetch();
    const expired = await service.issuer.token('alice', { expiresIn: -60 });
    const bearer = vi.fn<Order['bearer']>(async ({ fresh }) => (fresh ? service.issuer.token('alice') : expired));
    await licenseToken(order('alice', 'widevine', { bearer }));
    expect(bearer.mock.calls).toEqual([[{ fresh: false }], [{ fresh: true }]]);

    await expect(licenseToken(order('alice', 'widevine', { bearer: async () => expired }))).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    expect(asked.count).toBe(4);
  });

  it('asks once where nothing changes by asking, and tells why', async () => {
    const asked = watchFetch();
    await expect(licenseToken(order('carol'))).rejects.toMatchObject({
      code: 'not-entitled',
      reason: 'rental-period-ended',
      requestId: expect.any(String),
    });
    await expect(licenseToken(order('alice', 'fairplay', { contentId: 'big-buck-bunny' }))).rejects.toMatchObject({
      code: 'drm-not-available',
    });
    await expect(licenseToken(order('alice', 'widevine', { contentId: 'nothing' }))).rejects.toMatchObject({
      code: 'content-not-found',
    });
    expect(asked.count).toBe(3);
  });

  it('waits for as long as Retry-After says when ExpressPlay cannot be reached, and asks once more', async () => {
    await service.wires.emulator.stop();
    const waits = watchWaits();
    const asked = watchFetch();
    await expect(licenseToken(order('alice'))).rejects.toMatchObject({ code: 'upstream-unavailable' });
    expect(waits).toEqual([5000]);
    expect(asked.count).toBe(2);
    await service.wires.emulator.start();
    expect((await licenseToken(order('alice'))).licenseUrl).toContain('ExpressPlayToken=');
  });

  it.each([
    ['upstream-timeout', {}, [1000]],
    ['internal-error', {}, [1000]],
    ['request-timeout', {}, [1000]],
    ['overloaded', { 'Retry-After': '1' }, [1000]],
    ['rate-limited', { 'Retry-After': '10' }, [10_000]],
    ['rate-limited', { 'Retry-After': '11' }, []],
    ['token-balance-exhausted', { 'Retry-After': '60' }, []],
    ['upstream-rejected', {}, []],
    ['invalid-request', {}, []],
    ['insufficient-scope', {}, []],
  ] as const)('%s %j: waits %j ms', async (code, headers, expected) => {
    const waits = watchWaits();
    const asked = watchFetch(() => problem(code, headers));
    await expect(licenseToken(order('alice'))).rejects.toMatchObject({ code, requestId: 'r-1' });
    expect(waits).toEqual(expected);
    expect(asked.count).toBe(1 + expected.length);
  });

  it('survives a proxy that answers in a language of its own', async () => {
    watchFetch(() => new Response('<h1>Bad gateway</h1>', { status: 502 }));
    await expect(licenseToken(order('alice'))).rejects.toMatchObject({ code: 'http-502' });
  });
});

describe('the snippets', () => {
  /** Plays, and answers with the one licence request and the ledger's row of its token. */
  async function playing(name: string, user: string, ...args: unknown[]) {
    const { play } = await page.load<{ play: Play }>(name);
    const player = await play({ a: 'video element' }, MANIFEST, ...args);
    await player.settled?.();
    expect(licences.made).toHaveLength(1);
    const [request] = licences.made;
    const issued = (await service.ledger()).filter(
      ({ user_id, decision }) => user_id === user && decision === 'granted',
    );
    const carried = await service.carried(new URL(request?.url ?? '').searchParams.get('ExpressPlayToken'));
    return { request, row: issued.find(({ id }) => id === carried['cookie']) };
  }

  it.each([
    ['shaka.js', 'widevine', 'com.widevine.alpha'],
    ['shaka.js', 'playready', 'com.microsoft.playready'],
    ['dashjs.js', 'widevine', 'com.widevine.alpha'],
    ['dashjs.js', 'playready', 'com.microsoft.playready'],
  ])('%s, %s: the licence is fetched with the token', async (name, drm, keySystem) => {
    const { request, row } = await playing(name, 'grace', order('grace', drm));
    expect(request).toMatchObject({ keySystem, status: 200 });
    expect(row).toMatchObject({ drm, content_id: 'sintel' });
  });

  it.each(['shaka-fairplay.js', 'hlsjs.js'])('%s: the SPC goes as bytes to the licence URL', async (name) => {
    const { request, row } = await playing(name, 'grace', certificateUrl, order('grace', 'widevine'));
    expect(request).toMatchObject({
      keySystem: 'com.apple.fps',
      contentType: 'application/octet-stream',
      status: 200,
    });
    expect(row).toMatchObject({ drm: 'fairplay' });
  });

  it('safari.js: carries the SPC to the licence URL and its answer back', async () => {
    const browser = new BrowserStandIn(['com.apple.fps']);
    vi.stubGlobal('navigator', browser);
    const { play } = await page.load<{ play: Play }>('safari.js');
    await play(browser.video(), 'https://cdn.example/sintel.m3u8', certificateUrl, order('alice'));
    await vi.waitUntil(() => browser.updates.length > 0);
    expect(Buffer.from(browser.certificate ?? new ArrayBuffer(0)).toString()).toBe('a certificate');
    // The emulator answers with the rights in JSON, where ExpressPlay has the CKC.
    expect(JSON.parse(Buffer.from(browser.updates[0] ?? new ArrayBuffer(0)).toString())).toBeTypeOf('object');
  });

  it('safari.js: tells when the licence server refuses', async () => {
    const browser = new BrowserStandIn(['com.apple.fps']);
    vi.stubGlobal('navigator', browser);
    const { play } = await page.load<{ play: Play }>('safari.js');
    const video = browser.video() as EventTarget;
    const told = new Promise<Event>((resolve) => video.addEventListener('licenseerror', resolve));
    const real = globalThis.fetch;
    vi.stubGlobal('fetch', (url: string, init?: RequestInit) =>
      url.includes('ExpressPlayToken') ? Promise.resolve(new Response('', { status: 400 })) : real(url, init),
    );
    await play(video, 'https://cdn.example/sintel.m3u8', certificateUrl, order('alice'));
    expect(await told).toHaveProperty('detail.message', 'The licence server answered 400');
    expect(browser.updates).toEqual([]);
  });

  it('choose-drm.js: names those that the browser has, in order', async () => {
    vi.stubGlobal('navigator', new BrowserStandIn(['com.widevine.alpha', 'com.microsoft.playready']));
    const { availableDrms } = await page.load<{ availableDrms: () => Promise<string[]> }>('choose-drm.js');
    expect(await availableDrms()).toEqual(['playready', 'widevine']);
  });

  it('has no block that is not run here', () => {
    expect([...page.names].sort()).toEqual(
      [
        'license-token.js',
        'choose-drm.js',
        'shaka.js',
        'shaka-fairplay.js',
        'dashjs.js',
        'hlsjs.js',
        'safari.js',
      ].sort(),
    );
  });
});

describe('the tables', () => {
  const firstColumn = (markdown: string, heading: string, column = 1) => {
    const [, section = ''] = markdown.split(new RegExp(`^#+ ${heading}$`, 'm'));
    const [text = ''] = section.split(/^#/m);
    return [...text.matchAll(/^\|(.+)\|$/gm)]
      .map(([, row = '']) => /`([a-z-]+)`/.exec(row.split('|')[column - 1] ?? '')?.[1])
      .filter((code) => code !== undefined);
  };

  it('have each problem of the API, and no other', async () => {
    const [players, api] = await Promise.all([readFile(PAGE, 'utf8'), readFile('docs/api.md', 'utf8')]);
    const all = firstColumn(api, 'Problems', 2);
    const codes = firstColumn(players, 'What to do on each problem');
    expect(codes.length).toBeGreaterThan(15);
    expect([...codes].sort()).toEqual(all.filter((code) => code in PROBLEMS).sort());
    const reasons = firstColumn(players, 'Reasons');
    expect(reasons).toHaveLength(6);
    for (const reason of reasons) expect(api).toContain(`| \`${reason}\``);
  });
});
