// docs/players.md: its tables, and its JavaScript that needs no browser, run as it stands there against the service and the
// emulator. What needs one is run in players-browser.e2e-spec.ts.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { PROBLEMS } from '@app/platform/problems';
import { hexOf } from '../../prisma/seed/demo-data.js';
import { TestService } from '../support/test-service.js';
import { PageModules } from './page-modules.js';

const PAGE = 'docs/players.md';

interface Order {
  service: string;
  bearer(options: { fresh: boolean }): Promise<string>;
  contentId: string;
  drm: string;
  kid?: string;
  offline?: boolean;
}
interface Answer {
  id: string;
  licenseUrl: string;
  rights: { type: string; persistent: boolean };
}
type UrlFirst = (manifest: string, order: Order) => Promise<string>;
type PlaybackInfoHandler = (loadRequest: object, playbackConfig: object) => Promise<object>;

let service: TestService;
let page: PageModules;
let licenseToken: (order: Order) => Promise<Answer>;

beforeAll(async () => {
  service = await TestService.start();
  page = await PageModules.of(PAGE);
  ({ licenseToken } = await page.load<{ licenseToken: typeof licenseToken }>('license-token.js'));
});
afterAll(async () => {
  await page.remove();
  await service.stop();
});
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

  it('names the key of a FairPlay token, and gets no token for that of another title', async () => {
    const kid = hexOf('kid sintel');
    expect(await licenseToken(order('alice', 'fairplay', { kid }))).toMatchObject({ keys: [{ kid, tracks: [] }] });
    const other = licenseToken(order('alice', 'fairplay', { kid: hexOf('kid cosmos-laundromat') }));
    await expect(other).rejects.toMatchObject({ code: 'kid-required' });
  });

  it('says what the page says of offline', async () => {
    const persistent = async (user: string, drm: string, offline: boolean) =>
      (await licenseToken(order(user, drm, { offline }))).rights.persistent;
    expect(await persistent('alice', 'playready', false)).toBe(false);
    expect(await persistent('alice', 'playready', true)).toBe(true);
    expect(await persistent('bob', 'playready', false)).toBe(true);
    expect(await persistent('alice', 'fairplay', true)).toBe(false);
    expect(await persistent('alice', 'widevine', true)).toBe(true);
    expect(await persistent('bob', 'widevine', true)).toBe(false);
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

describe('licenseOnDemand', () => {
  type OnDemand = (video: EventTarget, order: Order) => () => Promise<Answer>;
  const heardBy = (video: EventTarget) => {
    const heard: [string, unknown][] = [];
    for (const type of ['licensetoken', 'licenseerror'])
      video.addEventListener(type, (event) => heard.push([type, (event as CustomEvent).detail]));
    return heard;
  };

  let licenseOnDemand: OnDemand;
  beforeAll(async () => {
    ({ licenseOnDemand } = await page.load<{ licenseOnDemand: OnDemand }>('license-token.js'));
  });
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());
  const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);

  it('asks when it is called, and keeps the token for as long as it can be redeemed', async () => {
    const asked = watchFetch();
    const video = new EventTarget();
    const heard = heardBy(video);
    const license = licenseOnDemand(video, order('bob'));
    expect(asked.count).toBe(0);
    const [first, atOnce] = await Promise.all([license(), license()]);
    expect(atOnce).toBe(first);
    pass(49);
    expect(await license()).toBe(first);
    pass(11);
    const second = await license();
    expect(second.licenseUrl).not.toBe(first.licenseUrl);
    expect(heard).toEqual([
      ['licensetoken', first],
      ['licensetoken', second],
    ]);
    expect(asked.count).toBe(2);
  });

  it('keeps a failure for the second call of a hook, and not for the next try of a viewer', async () => {
    const asked = watchFetch((count) => (count === 1 ? problem('upstream-rejected') : undefined));
    const video = new EventTarget();
    const heard = heardBy(video);
    const license = licenseOnDemand(video, order('alice'));
    for (const _call of [1, 2]) await expect(license()).rejects.toMatchObject({ code: 'upstream-rejected' });
    expect(heard).toEqual([['licenseerror', expect.objectContaining({ code: 'upstream-rejected' })]]);
    pass(1);
    expect((await license()).licenseUrl).toContain('ExpressPlayToken=');
    expect(asked.count).toBe(2);
  });
});

it('choose-drm.js does not wait for ever for a browser that says nothing', async () => {
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('navigator', { requestMediaKeySystemAccess: () => new Promise(() => undefined) });
  const { chooseDrm } = await page.load<{ chooseDrm: () => Promise<unknown> }>('choose-drm.js');
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  await Promise.all([
    expect(chooseDrm()).rejects.toMatchObject({ reason: 'no-answer' }),
    vi.advanceTimersByTimeAsync(10_000),
  ]);
});

describe('license-url-first.js, chromecast.js', () => {
  let media: Server;
  let manifest: string;
  beforeAll(async () => {
    media = createServer((request, response) => response.writeHead(request.url === '/sintel.mpd' ? 200 : 404).end());
    await new Promise<void>((resolve) => media.listen(0, '127.0.0.1', resolve));
    manifest = `http://127.0.0.1:${(media.address() as AddressInfo).port}/sintel.mpd`;
  });
  afterAll(() => void media.close());

  it('asks for nothing when the manifest is missing', async () => {
    const { licenseUrlFirst } = await page.load<{ licenseUrlFirst: UrlFirst }>('license-url-first.js');
    const asked = watchFetch();
    await expect(licenseUrlFirst(`${manifest}.old`, order('alice'))).rejects.toThrow('The manifest answered 404');
    expect(asked.count).toBe(0);
    expect(await licenseUrlFirst(manifest, order('alice'))).toContain('ExpressPlayToken=');
  });

  it('gives a receiver the licence URL of what it is about to load', async () => {
    vi.stubGlobal('cast', { framework: { ContentProtection: { WIDEVINE: 'widevine' } } });
    const { protect } = await page.load<{ protect: (manager: object, orderOf: () => Order) => void }>('chromecast.js');
    const setMediaPlaybackInfoHandler = vi.fn<(handler: PlaybackInfoHandler) => void>();
    protect({ setMediaPlaybackInfoHandler }, () => order('alice', ''));
    const [handler] = setMediaPlaybackInfoHandler.mock.lastCall ?? [];
    expect(await handler?.({ media: { contentId: manifest } }, {})).toEqual({
      licenseUrl: expect.stringContaining('/hms/wv/'),
      protectionSystem: 'widevine',
    });
  });
});

it('has no block that is not run, here or in a browser', () => {
  expect([...page.texts.keys()].sort()).toEqual([
    'choose-drm.js',
    'chromecast.js',
    'dashjs.js',
    'hlsjs.js',
    'license-token.js',
    'license-url-first.js',
    'safari.js',
    'shaka-fairplay.js',
    'shaka.js',
  ]);
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
