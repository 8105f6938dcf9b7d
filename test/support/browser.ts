// A headless Chromium that notes everything a page does that it should not.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export class Browser {
  /** Errors of the console and of scripts, and requests that leave the machine. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    private readonly folder: string,
    readonly page: Page,
  ) {}

  /** @param executable the full path of Chromium */
  static async start(executable: string): Promise<Browser> {
    const folder = await mkdtemp(join(tmpdir(), 'entitlement-test-chromium-'));
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: executable,
      args: QUIET,
      viewport: { width: 1280, height: 1600 },
    });
    const browser = new Browser(context, folder, await context.newPage());
    browser.#listen();
    return browser;
  }

  async stop(): Promise<void> {
    await this.context.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  #listen(): void {
    const { page, complaints } = this;
    // What a Content-Security-Policy forbids is an error of the console as well.
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol !== 'data:' && hostname !== '127.0.0.1') complaints.push(`a request to ${hostname}`);
    });
    page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  }
}
