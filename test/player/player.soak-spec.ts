// The emulator's player page in a real Chromium: a picture that was decrypted, and what comes instead of one.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contentKey, cpix, usageRule } from '../../apps/entitlement/src/catalog/testing/cpix-documents.js';
import { hexOf } from '../../prisma/seed/demo-data.js';
import { CatalogueClient } from '../admin/catalogue-client.js';
import { ctl, documentOf } from '../entitlementctl/command-line.js';
import { serviceVariables } from '../entitlementctl/service-variables.js';
import { hasTool } from '../support/tools.js';
import { PlayerPage } from './player-page.js';

const HD = '1280 × 720';
const SD = '320 × 180';
/** Of Widevine's licence half is left, when the token may be redeemed late. */
const PLAY_SECONDS = 40;

describe.skipIf(!hasTool('chromium'))('the player page (needs chromium)', () => {
  let page: PlayerPage;
  beforeAll(async () => {
    page = await PlayerPage.start(['alice', 'bob', 'frank', 'renter']);
    await page.service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds)
       VALUES ('renter', 'renter', 'clip', 'rental', $1, $1::timestamptz + interval '1 day', $2)`,
      [page.service.clock.now(), PLAY_SECONDS],
    );
  });
  beforeEach(() => void page.browser.complaints.splice(0));
  afterAll(() => page.stop());

  /** Whether a viewer's clock of a rental runs. */
  async function clockRuns(viewer: string, title: string): Promise<boolean> {
    const [rental] = await page.service.database.query<{ first_play_at: Date | null }>(
      `SELECT first_play_at FROM purchase WHERE user_id = $1 AND content_id = $2 AND type = 'rental'`,
      [viewer, title],
    );
    return rental?.first_play_at instanceof Date;
  }

  it('plays what an owner asks for, in the best picture, and breaks no rule of the page', async () => {
    await page.play('alice', 'clip');
    await page.moves();
    expect(await page.frames()).toBeGreaterThan(0);
    await page.says('picture', new RegExp(HD));
    await page.says('decision', /^Yes, for good/);
    await page.says('licence', /^3 keys are asked for. 3 were granted/);
    await page.says('token', /BuyToOwn, not to be kept[^]*: sd\n[^]*: hd\n[^]*: audio$/);
    await page.says('problem', /^$/);
    expect(page.browser.complaints).toEqual([]);
    // Service and emulator have given these keys to each other and to the browser.
    for (const track of ['sd', 'hd', 'audio']) {
      const key = hexOf(`key clip ${track}`);
      expect(page.service.log.text).not.toContain(key);
      expect(page.service.log.text).not.toContain(Buffer.from(key, 'hex').toString('base64url'));
    }
  });

  it('plays with a token for PlayReady as well', async () => {
    await page.choose('bob', 'clip');
    await page.browser.page.selectOption('#drm', 'playready');
    await page.browser.page.click('button');
    await page.moves();
    expect(await page.frames()).toBeGreaterThan(0);
    await page.says('token', /^Rental, to be kept/);
    await page.says('clock', /^4[78] h .* left$/);
    await page.says('decision', /they rent it\. Its clock runs: 4[78] h /);
    // The picture of the docs: PLAYER_PICTURE=docs/player.png
    const path = process.env.PLAYER_PICTURE;
    if (path !== undefined) await page.browser.page.locator('body').screenshot({ path });
  });

  it('says why there is no picture for who bought nothing, and asks for no licence', async () => {
    await page.play('frank', 'clip');
    await page.says('decision', /^No\. They neither bought nor rented it\. \(no-purchase\)$/);
    await page.says('problem', /^They neither bought nor rented it\. \(no-purchase\)$/);
    expect(await page.frames()).toBe(0);
    expect(page.licenceRequests).toEqual([]);
  });

  it('starts no clock for a title whose manifest is missing', async () => {
    const before = await page.service.issuedCookies();
    await page.play('bob', 'sintel');
    await page.says('problem', /^The manifest is missing/);
    expect(await page.service.issuedCookies()).toEqual(before);
    expect(await clockRuns('bob', 'sintel')).toBe(false);
  });

  it('stops the picture when the rental ends', async () => {
    await page.choose('renter', 'clip');
    await page.says('decision', /clock starts with the first play: 0 h 0 min 40 s/);
    await page.browser.page.click('button');
    await page.moves();
    await page.says('clock', /^0 h 0 min \d+ s left$/);
    expect(await clockRuns('renter', 'clip')).toBe(true);
    // The browser's clock runs by itself.
    page.service.clock.advance(PLAY_SECONDS);
    await page.says('problem', /^The rental is over/);
    await page.says('decision', /^No\. .*\(play-window-ended\)$/);
    expect(await page.browser.page.evaluate('document.querySelector("video").readyState')).toBe(0);
    await page.browser.page.click('button');
    await page.says('problem', /\(play-window-ended\)$/);
  });

  it('falls back to SD when the licence has no key for HD', async () => {
    const kid = hexOf('kid clip hd');
    const [kept] = await page.service.database.query('SELECT kek_id, ek FROM content_key WHERE kid = $1', [kid]);
    await page.service.database.query('UPDATE content_key SET kek_id = NULL, ek = NULL WHERE kid = $1', [kid]);
    try {
      await page.play('alice', 'clip');
      await page.says('licence', /^3 keys are asked for. 2 were granted/);
      await page.says('picture', new RegExp(SD));
      await page.moves();
      expect(await page.frames()).toBeGreaterThan(0);
    } finally {
      await page.service.database.query('UPDATE content_key SET kek_id = $2, ek = $3 WHERE kid = $1', [
        kid,
        kept?.['kek_id'],
        kept?.['ek'],
      ]);
    }
  });

  it('plays a title whose keys came as a CPIX document', async () => {
    await page.service.database.query(`DELETE FROM content_key WHERE content_id = 'clip'`);
    await page.play('alice', 'clip');
    await page.says('problem', /\(drm-not-available\)$/);

    const kidOf = (track: string) => hexOf(`kid clip ${track}`).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    const document = cpix({
      keys: ['sd', 'hd', 'audio'].map((track) =>
        contentKey({ kid: kidOf(track), key: Buffer.from(hexOf(`key clip ${track}`), 'hex') }),
      ),
      rules: [
        usageRule(kidOf('sd'), 'SD', '<cpix:VideoFilter maxPixels="589824"/>'),
        usageRule(kidOf('hd'), 'HD', '<cpix:VideoFilter minPixels="589825"/>'),
        usageRule(kidOf('audio'), 'AUDIO', '<cpix:AudioFilter/>'),
      ],
    });
    const store = new CatalogueClient(page.service);
    expect((await store.put('contents/clip/keys', document, { type: 'application/xml' })).status).toBe(200);
    await page.play('alice', 'clip');
    await page.moves();
    await page.says('token', /: sd\n[^]*: hd\n[^]*: audio$/);
  });

  it('says what the licence server refuses', async () => {
    await page.beforeLicence(() => page.service.clock.advance(3600));
    await page.play('alice', 'clip');
    await page.says('problem', /^The licence server refused: error -4010\.$/);
    expect(await page.frames()).toBe(0);
  });

  it('leaves a token that is redeemed twice to be found by reconcile', async () => {
    await page.play('alice', 'clip');
    await page.moves();
    const id = (await page.service.issuedCookies()).at(-1);
    expect(await timesRedeemed(id)).toBe(1);
    const [{ url, body } = { url: '', body: '' }] = page.licenceRequests;
    expect((await fetch(url, { method: 'POST', body })).status).toBe(200);
    expect(await timesRedeemed(id)).toBe(2);

    // Tokens that may still be redeemed are not looked at.
    page.service.clock.advance(7200);
    const { service } = page;
    const outcome = await ctl(['reconcile', '--json'], { env: serviceVariables(service), clock: service.clock });
    expect(documentOf(outcome)).toMatchObject({ redeemedMoreThanOnce: [{ id, redemptions: 2 }], unknown: [] });

    /** How often the emulator says that a token was redeemed. */
    async function timesRedeemed(cookie: string | undefined): Promise<number | undefined> {
      const answer = await fetch(`${page.service.emulator.url}/emulator/redemptions`);
      const all = (await answer.json()) as { cookie: string; count: number }[];
      return all.find((one) => one.cookie === cookie)?.count;
    }
  });
});
