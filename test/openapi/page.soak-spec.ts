import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '@app/embedded-postgres';
import { hasTool, toolPath } from '../support/tools.js';
import { TestService } from '../support/test-service.js';
import { Browser } from '../support/browser.js';

describe.skipIf(!hasTool('chromium'))('the API page in a browser (needs chromium)', () => {
  let service: TestService | undefined;
  let browser: Browser | undefined;
  afterEach(async () => {
    await browser?.stop();
    await service?.stop();
  });

  async function open(environment: Record<string, string> = {}): Promise<Browser> {
    service = await TestService.start({ environment });
    browser = await Browser.start(toolPath('chromium') ?? '');
    await browser.page.goto(`${service.managementUrl}/docs`);
    return browser;
  }

  /** Authorises through the dialog, and sends the first example of a licence token. */
  async function tryExample({ page }: Browser): Promise<{ status: string; body: string }> {
    await page.click('.btn.authorize');
    await page.fill('.auth-container input', (await service?.issuer.token('alice')) ?? '');
    await page.click('.auth-container .btn.authorize');
    await page.click('.auth-container .btn-done');
    const operation = page.locator('[id$="issueLicenseToken"]');
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('.try-out__btn').click();
    await operation.locator('.execute').click();
    const answer = operation.locator('.live-responses-table .response').first();
    return {
      status: await answer.locator('.response-col_status').first().innerText(),
      body: await answer.locator('.highlight-code pre').first().innerText(),
    };
  }

  it('with one port: authorises, sends the example, and shows a licence URL', async () => {
    const opened = await open();
    const { status, body } = await tryExample(opened);
    expect(status).toContain('200');
    expect(JSON.parse(body)).toMatchObject({
      drm: 'playready',
      licenseUrl: expect.stringContaining('ExpressPlayToken='),
    });
    expect(opened.complaints).toEqual([]);
  });

  it('with a management port, whose origin CORS_ALLOWED_ORIGINS has: the same', async () => {
    const port = await freePort();
    const opened = await open({
      MANAGEMENT_PORT: String(port),
      CORS_ALLOWED_ORIGINS: `http://127.0.0.1:${port}`,
    });
    const { status, body } = await tryExample(opened);
    expect(status).toContain('200');
    expect(JSON.parse(body)).toMatchObject({ licenseUrl: expect.stringContaining('ExpressPlayToken=') });
    expect(opened.complaints).toEqual([]);
  });
});
