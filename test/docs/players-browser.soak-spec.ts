// docs/players.md: its snippets for browsers, run in a Chromium with the real players, against the service and the emulator.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasTool } from '../support/tools.js';
import { TestService } from '../support/test-service.js';
import { PageModules } from './page-modules.js';
import { PlayerPage } from './player-page.js';

const KEY_SYSTEMS = {
  widevine: 'com.widevine.alpha',
  playready: 'com.microsoft.playready',
  fairplay: 'com.apple.fps',
} as const;
type Drm = keyof typeof KEY_SYSTEMS;

const ALL = {
  [KEY_SYSTEMS.widevine]: ['SW_SECURE_DECODE', 'SW_SECURE_CRYPTO'],
  [KEY_SYSTEMS.playready]: [],
  [KEY_SYSTEMS.fairplay]: [],
};

describe.skipIf(!hasTool('chromium'))('the snippets in a browser (needs chromium)', () => {
  let modules: PageModules;
  let page: PlayerPage;
  let service: TestService;
  /** Rents sintel, and has not started it. */
  let viewer: string;
  let viewers = 0;

  beforeAll(async () => {
    modules = await PageModules.of('docs/players.md');
    page = await PlayerPage.start(modules);
    service = await TestService.start({ environment: { CORS_ALLOWED_ORIGINS: page.origin } });
  });
  afterAll(async () => {
    await service.stop();
    await page.stop();
    await modules.remove();
  });

  beforeEach(async () => {
    viewer = `viewer-${(viewers += 1)}`;
    const now = service.clock.now();
    await service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds)
       VALUES ($1, $1, 'sintel', 'rental', $2, $3, 3600)`,
      [viewer, now, new Date(now.getTime() + 86_400_000)],
    );
  });

  async function play(user: string, snippet: string, drm: Drm, media: string) {
    const order = { service: service.url, contentId: 'sintel', drm };
    const certificate = `${page.origin}/fairplay.cer`;
    const last = drm === 'fairplay' ? (snippet === 'hlsjs.js' ? [order, certificate] : [certificate, order]) : [order];
    return page.play(snippet, [`${page.origin}/${media}`, ...last], await service.issuer.token(user));
  }

  /** The tokens that ExpressPlay has issued so far, and whether the clock of the viewer's rental runs. */
  async function spent(): Promise<{ cookies: string[]; clockRuns: boolean }> {
    const [rental] = await service.database.query<{ first_play_at: Date | null }>(
      'SELECT first_play_at FROM purchase WHERE external_id = $1',
      [viewer],
    );
    return { cookies: await service.issuedCookies(), clockRuns: rental?.first_play_at instanceof Date };
  }

  describe.each([
    ['shaka.js', 'widevine', 'sintel.mpd'],
    ['shaka.js', 'playready', 'sintel.mpd'],
    ['shaka-fairplay.js', 'fairplay', 'sintel.mpd'],
    ['dashjs.js', 'widevine', 'sintel.mpd'],
    ['dashjs.js', 'playready', 'sintel.mpd'],
    ['hlsjs.js', 'widevine', 'sintel.m3u8'],
    ['hlsjs.js', 'fairplay', 'sintel.m3u8'],
    ['safari.js', 'fairplay', 'sintel.m3u8'],
  ] as const)('%s, %s', (snippet, drm, media) => {
    it('buys nothing and starts no clock for a manifest that is missing or a browser without the DRM', async () => {
      const before = await spent();
      await page.open(ALL);
      expect(await play(viewer, snippet, drm, `missing-${media}`)).toEqual({ error: expect.any(String) });
      await page.open({});
      expect(await play(viewer, snippet, drm, media)).toEqual({ error: expect.any(String) });
      expect(await spent()).toEqual({ ...before, clockRuns: false });
      expect(page.requests).toEqual([]);
    });

    it('buys one token when the DRM asks for a licence, and starts the clock', async () => {
      const before = await spent();
      await page.open(ALL);
      expect(await play(viewer, snippet, drm, media)).toEqual({});
      const after = await spent();
      expect(after).toMatchObject({ clockRuns: true });
      const bought = after.cookies.filter((cookie) => !before.cookies.includes(cookie));
      expect(bought).toHaveLength(1);
      expect(await service.ledger()).toContainEqual(
        expect.objectContaining({ id: bought[0], user_id: viewer, drm, first_play: true }),
      );
      const [request] = page.requests;
      const token = new URL(request?.url ?? '').searchParams.get('ExpressPlayToken');
      expect(await service.carried(token)).toMatchObject({ cookie: bought[0] });
      if (drm === 'fairplay') expect(request?.contentType).toBe('application/octet-stream');
    });

    it('tells why there is no licence', async () => {
      await page.open(ALL);
      const { problem } = await play('carol', snippet, drm, media);
      expect(problem).toMatchObject({ code: 'not-entitled', reason: 'rental-period-ended' });
      expect(await page.run('countOfAsks')).toBe(1);
      expect(page.requests).toEqual([]);
      // The URL that only fills a place is asked for nothing.
      expect(page.strays).toEqual([]);
    });
  });

  it('safari.js tells when the licence server refuses', async () => {
    await page.open(ALL);
    await page.refuseLicence();
    expect(await play(viewer, 'safari.js', 'fairplay', 'sintel.m3u8')).toEqual({});
    expect(await page.run('licenceError')).toBe('The licence server answered 400');
  });

  describe('choose-drm.js', () => {
    const choose = async (levels: Record<string, readonly string[]>, order?: Drm[]) => {
      await page.open(levels);
      return page.run('choose', ...(order === undefined ? [] : [order]));
    };

    it.each([
      [{ 'com.widevine.alpha': ['SW_SECURE_DECODE', 'SW_SECURE_CRYPTO'] }, 'widevine', 'SW_SECURE_DECODE'],
      [{ 'com.widevine.alpha': ['HW_SECURE_ALL', 'SW_SECURE_CRYPTO'] }, 'widevine', 'HW_SECURE_ALL'],
      [{ 'com.microsoft.playready.recommendation': ['2000'], 'com.widevine.alpha': [] }, 'playready', '2000'],
      [{ 'com.microsoft.playready.recommendation': ['2000', '3000'] }, 'playready', '3000'],
      [{ 'com.microsoft.playready.recommendation.3000': ['3000'] }, 'playready', '3000'],
      [{ 'com.microsoft.playready': [] }, 'playready', ''],
      [{ 'com.apple.fps': [] }, 'fairplay', ''],
    ])('of %j: %s, %j', async (levels, drm, robustness) => {
      expect(await choose(levels)).toEqual({ drm, keySystem: Object.keys(levels)[0], robustness });
    });

    it('asks in the order that it is given', async () => {
      expect(await choose(ALL, ['widevine', 'fairplay'])).toMatchObject({ drm: 'widevine' });
    });

    it('says that there is no DRM, and why', async () => {
      expect(await choose({})).toEqual({ message: 'No DRM here: no-key-system', reason: 'no-key-system' });
      await page.openForbidden();
      expect(await page.run('choose')).toMatchObject({ reason: 'not-allowed' });
      await page.openInsecurely();
      expect(await page.run('choose')).toMatchObject({ reason: 'insecure-context' });
    });
  });
});
