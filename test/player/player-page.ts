// The emulator's player page in a real Chromium, as viewers of the service see it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, vi } from 'vitest';
import { PrismaService } from '@app/platform/database';
import { seedClip } from '../../prisma/seed/demo-data.js';
import { Browser } from '../support/browser.js';
import { TestService } from '../support/test-service.js';
import { toolPath } from '../support/tools.js';

/** Generous: decoding in software beside other tests takes its time. */
const SOON = { timeout: 45_000, interval: 100 };

export class PlayerPage {
  /** The licence requests since the page was opened. */
  readonly licenceRequests: { url: string; body: string }[] = [];

  private constructor(
    readonly service: TestService,
    readonly browser: Browser,
    private readonly folder: string,
  ) {
    browser.page.on('request', (request) => {
      if (!request.url().includes('ExpressPlayToken=')) return;
      this.licenceRequests.push({ url: request.url(), body: request.postData() ?? '' });
    });
  }

  /** Starts a service that has the clip, and the page for these viewers. */
  static async start(viewers: readonly string[]): Promise<PlayerPage> {
    const folder = await mkdtemp(join(tmpdir(), 'player-page-'));
    const file = join(folder, 'player.json');
    const service = await TestService.start({
      // Pages of this machine may call it.
      environment: { NODE_ENV: 'development' },
      emulator: { EMULATOR_PLAYER_FILE: file },
    });
    const prisma = new PrismaService({ url: service.database.url, poolSize: 1, timeoutMs: 10_000 });
    await seedClip(prisma, { id: 'test', kek: Buffer.from(inject('kek'), 'hex') }, service.clock.now());
    await prisma.onApplicationShutdown();
    const bearers: Record<string, string> = {};
    for (const viewer of viewers) bearers[viewer] = await service.issuer.token(viewer, { expiresIn: 86_400 });
    await writeFile(file, JSON.stringify({ service: service.url, titles: ['clip', 'sintel'], viewers: bearers }));
    const browser = await Browser.start(toolPath('chromium') ?? '');
    await browser.page.setViewportSize({ width: 800, height: 900 });
    return new PlayerPage(service, browser, folder);
  }

  async stop(): Promise<void> {
    await this.browser.stop();
    await this.service.stop();
    await rm(this.folder, { recursive: true });
  }

  /** Opens the page and chooses; waits for the decision. */
  async choose(viewer: string, title: string): Promise<void> {
    const { page } = this.browser;
    await page.goto(`${this.service.emulator.url}/player`);
    this.licenceRequests.splice(0);
    await page.selectOption('#viewer', viewer);
    await page.selectOption('#title', title);
    await this.says('decision', /^(?:Yes|No)/);
  }

  async play(viewer: string, title: string): Promise<void> {
    await this.choose(viewer, title);
    await this.browser.page.click('button');
  }

  /** Does something when the next licence is asked for, before the licence server is. */
  async beforeLicence(work: () => void): Promise<void> {
    await this.browser.page.route(/ExpressPlayToken=/, (route) => (work(), route.continue()), { times: 1 });
  }

  /** Waits until a field says something. @throws Error with what it says instead */
  async says(id: string, words: RegExp): Promise<void> {
    await vi.waitFor(async () => {
      const text = await this.browser.page.locator(`#${id}`).innerText();
      if (!words.test(text)) throw new Error(`#${id} says '${text}' and not ${words}`);
    }, SOON);
  }

  /** Waits until the picture has moved on. @throws Error with what the page says */
  async moves(): Promise<void> {
    const from = await this.time();
    await vi.waitFor(async () => {
      const at = await this.time();
      if (at > from + 0.5) return;
      throw new Error(`The picture is at ${at} s.\n${await this.browser.page.locator('body').innerText()}`);
    }, SOON);
  }

  /** How many pictures were decoded, and so decrypted. */
  frames(): Promise<number> {
    return this.browser.page.evaluate('document.querySelector("video").getVideoPlaybackQuality().totalVideoFrames');
  }

  /** Where the picture is, in seconds. */
  time(): Promise<number> {
    return this.browser.page.evaluate('document.querySelector("video").currentTime');
  }
}
