import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get as getAs } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningEmulator, startEmulator } from '../testing/running-emulator.js';
import { NOW } from '../testing/valid-requests.js';

const DEMO = { service: 'http://127.0.0.1:3000', titles: ['clip'], viewers: {} };

describe('the player page', () => {
  let folder: string;
  let emulator: RunningEmulator;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'player-'));
    await writeFile(join(folder, 'player.json'), JSON.stringify(DEMO));
    emulator = await startEmulator(NOW, { EMULATOR_PLAYER_FILE: join(folder, 'player.json') });
  });
  afterAll(async () => {
    await emulator.close();
    await rm(folder, { recursive: true });
  });

  const get = (name: string, headers: Record<string, string> = {}) =>
    fetch(`${emulator.url}/player${name}`, { headers });

  it('has all that it loads, and no more', async () => {
    const page = await get('');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const text = await page.text();
    const loaded = [...text.matchAll(/(?:src|href)="\/player([^"]+)"/g)].map(([, name = '']) => name);
    expect(loaded).toEqual(['/player.css', '/shaka-player.js', '/player.js']);
    const manifest = await (await get('/clip/clip.mpd')).text();
    const media = [...manifest.matchAll(/<BaseURL>([^<]+)/g)].map(([, name]) => `/clip/${name}`);
    expect(media).toHaveLength(3);
    for (const name of [...loaded, ...media]) expect([name, (await get(name)).status]).toEqual([name, 200]);
    expect(await (await get('/demo.json')).json()).toEqual(DEMO);
    for (const name of [
      '/sd.mp4',
      '/make-clip.mjs',
      '/clip/',
      '/../package.json',
      '/%2e%2e/src/main.ts',
      '/__proto__',
    ]) {
      expect([name, (await get(name)).status]).toEqual([name, 404]);
    }
  });

  it('runs no script but its own, and nothing shows it in a frame', async () => {
    const { headers } = await get('');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    const text = await (await get('')).text();
    expect(text).not.toMatch(/<script>|<style>|\son\w+=|\sstyle=/);
  });

  it.each([
    ['bytes=0-9', 206, 10, /^bytes 0-9\//],
    ['bytes=10-', 206, undefined, /^bytes 10-\d+\/\d+$/],
    ['bytes=10-99999999', 206, undefined, /^bytes 10-\d+\/\d+$/],
    ['bytes=99999999-', 200, undefined, undefined],
    ['bytes=9-3', 200, undefined, undefined],
    ['bytes=-5', 200, undefined, undefined],
  ])('gives the part %s of a file', async (range, status, length, contentRange) => {
    const all = Buffer.from(await (await get('/clip/sd.mp4')).arrayBuffer());
    const answer = await get('/clip/sd.mp4', { range });
    const part = Buffer.from(await answer.arrayBuffer());
    expect(answer.status).toBe(status);
    if (contentRange === undefined) return expect(part).toEqual(all);
    expect(answer.headers.get('content-range')).toMatch(contentRange);
    const first = Number(/\d+/.exec(range));
    expect(part).toEqual(all.subarray(first, length === undefined ? undefined : first + length));
  });

  it('gives the bearer tokens to no page of elsewhere', async () => {
    const { headers } = await get('/demo.json', { origin: 'http://127.0.0.1:9999' });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    const { port } = new URL(emulator.url);
    for (const [host, status] of [
      [`localhost:${port}`, 200],
      [`evil.example:${port}`, 404],
    ] as const) {
      expect(await statusFor(host)).toBe(status);
    }
  });

  it('is not there unless somebody says who the viewers are', async () => {
    const other = await startEmulator(NOW);
    for (const name of ['', '/player.js', '/demo.json']) {
      expect((await fetch(`${other.url}/player${name}`)).status).toBe(404);
    }
    await other.close();
  });

  /** The status for who calls this machine by another name. */
  function statusFor(host: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const request = getAs(`${emulator.url}/player/demo.json`, { headers: { host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      request.on('error', reject);
    });
  }
});
