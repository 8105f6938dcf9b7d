// A page in a real Chromium that plays with the snippets of docs/players.md and with the real players. Chromium has no
// Widevine, PlayReady or FairPlay: its own ClearKey stands in for them, under their names.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { Browser } from '../support/browser.js';
import { toolPath } from '../support/tools.js';
import type { PageModules } from './page-modules.js';

/** A `pssh` box of the common system, which ClearKey reads, with one KID; stands in for that of each DRM. */
const PSSH = Buffer.from(
  '000000347073736801000000' +
    '1077efecc0b24d02ace33c1e52e2fb4b' +
    '00000001' +
    '00112233445566778899aabbccddeeff' +
    '00000000',
  'hex',
).toString('base64');
const SYSTEMS = {
  widevine: 'edef8ba9-79d6-4ace-a3c8-27dcd51d21ed',
  playready: '9a04f079-9840-4286-ab92-e65be0885f95',
  fairplay: '94ce86fb-07ff-4f43-adb8-93d2fa968ca2',
};

const MPD = `<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:cenc="urn:mpeg:cenc:2013" type="static"
  mediaPresentationDuration="PT4S" minBufferTime="PT1S" profiles="urn:mpeg:dash:profile:isoff-live:2011">
  <Period><AdaptationSet mimeType="video/mp4" codecs="avc1.42E01E" width="64" height="64" segmentAlignment="true">
    <ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cenc"
      cenc:default_KID="00112233-4455-6677-8899-aabbccddeeff"/>
    ${Object.values(SYSTEMS)
      .map((id) => `<ContentProtection schemeIdUri="urn:uuid:${id}"><cenc:pssh>${PSSH}</cenc:pssh></ContentProtection>`)
      .join('\n    ')}
    <SegmentTemplate timescale="1" duration="2" startNumber="1" initialization="init.mp4" media="$Number$.m4s"/>
    <Representation id="v" bandwidth="100000"/>
  </AdaptationSet></Period>
</MPD>`;
const MASTER = `#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=100000,CODECS="avc1.42E01E",RESOLUTION=64x64
sintel-video.m3u8
`;
const PLAYLIST = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:2
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://sintel",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"
#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="data:text/plain;base64,${PSSH}",KEYID=0x00112233445566778899aabbccddeeff,KEYFORMAT="urn:uuid:${SYSTEMS.widevine}",KEYFORMATVERSIONS="1"
#EXTINF:2,
1.m4s
#EXT-X-ENDLIST
`;

/** What runs on the page itself. */
const SCRIPT = `
const request = navigator.requestMediaKeySystemAccess?.bind(navigator);
const generate = globalThis.MediaKeySession?.prototype.generateRequest;

// ClearKey knows neither 'skd' nor robustness nor HLS.
if (generate) MediaKeySession.prototype.generateRequest = function (type, data) {
  const kids = new TextEncoder().encode('{"kids":["ABEiM0RVZneImaq7zN3u_w"]}');
  return type === 'skd' ? generate.call(this, 'keyids', kids) : generate.call(this, type, data);
};
const mp4 = ({ contentType }) => ({ contentType: contentType.replace(/^application.*/, 'video/mp4; codecs="avc1.42E01E"') });

// Players ask this first, and fall back on the above.
Object.defineProperty(navigator, 'mediaCapabilities', { value: undefined, writable: true });

window.haveKeySystems = (levels) => {
  navigator.requestMediaKeySystemAccess = async (name, configurations) => {
    const fits = ({ robustness = '' }) => robustness === '' || levels[name].includes(robustness);
    const fitting = configurations.filter(({ videoCapabilities }) => name in levels && videoCapabilities.every(fits));
    if (fitting.length === 0) throw new DOMException(name, 'NotSupportedError');
    const asked = fitting.map(({ audioCapabilities, videoCapabilities }) => ({
      initDataTypes: ['cenc', 'keyids'],
      audioCapabilities: audioCapabilities?.map(mp4),
      videoCapabilities: videoCapabilities.map(mp4),
    }));
    const access = await request('org.w3.clearkey', asked);
    const withCertificate = { setServerCertificate: async () => true };
    const createMediaKeys = async () => Object.assign(await access.createMediaKeys(), withCertificate);
    return { keySystem: name, getConfiguration: () => access.getConfiguration(), createMediaKeys };
  };
};

window.choose = async (...args) => {
  const { chooseDrm } = await import('/snippets/choose-drm.js');
  return chooseDrm(...args).catch(({ message, reason }) => ({ message, reason }));
};

// How often the service was asked for a token.
let asks = 0;
window.countOfAsks = () => asks;

window.playWith = async (snippet, args, bearer) => {
  const video = document.querySelector('video');
  const outcome = {};
  const asked = new Promise((resolve) => (window.licenceAsked = resolve));
  const heard = new Promise((resolve) => video.addEventListener('licenseerror', resolve));
  window.licenceError = () => heard.then(({ detail }) => detail.message);
  const problem = new Promise((resolve) =>
    // The emulator's answer is no licence: what becomes of it is no matter here.
    video.addEventListener('licenseerror', ({ detail: { code, reason } }) => {
      if (typeof code === 'string') resolve((outcome.problem = { code, reason }));
    }),
  );
  const failed = (async () => {
    const { play } = await import('/snippets/' + snippet);
    const withBearer = (arg) => (typeof arg === 'object' ? { ...arg, bearer: async () => ((asks += 1), bearer) } : arg);
    const player = await play(video, ...args.map(withBearer));
    // FairPlay begins with an event that Safari has and Chromium has not.
    const initData = new TextEncoder().encode('skd://sintel').buffer;
    const encrypted = () =>
      video.dispatchEvent(new MediaEncryptedEvent('encrypted', { initDataType: 'skd', initData }));
    if (snippet === 'safari.js' && (await fetch(args[0])).ok) {
      encrypted();
      return asked;
    }
    // Where play() does not wait for the media an event says what ends it.
    await new Promise((resolve, reject) => {
      video.addEventListener('error', () => reject(video.error));
      player?.on?.('error', ({ error }) => reject(error));
      player?.on?.('hlsError', (_name, { fatal, error, details }) => {
        if (details === 'fragLoadError') encrypted();
        if (fatal) reject(error);
      });
    });
  })().catch((error) => void (outcome.error = String(error.message ?? error.code ?? error)));
  await Promise.race([asked, problem, failed]);
  return outcome;
};
`;
const PAGE = `<!doctype html><title>A player</title><video muted></video>
<script type="importmap">{"imports": {
  "shaka-player": "/packages/shaka-player", "dashjs": "/packages/dashjs", "hls.js": "/packages/hls.js"
}}</script><script>${SCRIPT}</script>`;
const PACKAGES: Record<string, () => Promise<string>> = {
  // A script, which a bundler makes a module of.
  'shaka-player': async () =>
    `${await distributed('shaka-player/dist/shaka-player.compiled.js')}\nexport default shaka;`,
  dashjs: () => distributed('dashjs/dist/modern/esm/dash.all.min.js'),
  'hls.js': () => distributed('hls.js/dist/hls.mjs'),
};
const FILES: Record<string, string> = {
  '/': PAGE,
  '/sintel.mpd': MPD,
  '/sintel.m3u8': MASTER,
  '/sintel-video.m3u8': PLAYLIST,
  '/fairplay.cer': 'a certificate',
};
const TYPES: Record<string, string> = { '/': 'text/html', '/sintel.mpd': 'application/dash+xml' };

/** What happened on the page. */
interface Outcome {
  /** What `play` threw, or what the player said of an error that ended it. */
  error?: string;
  /** The service's problem, as the event `licenseerror` of the video brought it. */
  problem?: { code: string; reason?: string };
}

export class PlayerPage {
  /** The licence requests, in their order. */
  readonly requests: { url: string; contentType: string | undefined }[] = [];

  private constructor(
    private readonly server: Server,
    private readonly browser: Browser,
    /** Where the page and its media are. */
    readonly origin: string,
  ) {
    browser.page.on('request', (request) => {
      if (!new URL(request.url()).searchParams.has('ExpressPlayToken') || request.method() === 'OPTIONS') return;
      this.requests.push({ url: request.url(), contentType: request.headers()['content-type'] });
      // A later try may find the page gone.
      browser.page.evaluate('licenceAsked()').catch(() => undefined);
    });
  }

  static async start(modules: PageModules): Promise<PlayerPage> {
    const server = createServer(async (request, response) => {
      const path = request.url ?? '';
      const [, folder = '', name = ''] = path.split('/');
      const text =
        folder === 'packages'
          ? await PACKAGES[name]?.()
          : folder === 'snippets'
            ? modules.texts.get(name)
            : FILES[path];
      const type = TYPES[path] ?? (name === '' ? 'application/octet-stream' : 'text/javascript');
      response.writeHead(text === undefined ? 404 : 200, { 'Content-Type': type }).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await Browser.start(toolPath('chromium') ?? '');
    return new PlayerPage(server, browser, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  /** Opens the page again, in a browser that has these key systems, each with its levels of robustness. */
  async open(keySystems: Record<string, readonly string[]>): Promise<void> {
    await this.browser.page.goto(this.origin);
    this.requests.splice(0);
    await this.run('haveKeySystems', keySystems);
  }

  /** Has a licence server refuse the next request. */
  async refuseLicence(): Promise<void> {
    const headers = { 'Access-Control-Allow-Origin': '*' };
    await this.browser.page.route(/ExpressPlayToken/, (route) => route.fulfill({ status: 400, headers }), {
      times: 1,
    });
  }

  /** Opens the page over plain HTTP from a host that is not this machine, as far as the browser knows. */
  async openInsecurely(): Promise<void> {
    const elsewhere = 'http://tv.example';
    await this.browser.page.route(`${elsewhere}/**`, async (route) => {
      const { pathname } = new URL(route.request().url());
      await route.fulfill({ response: await route.fetch({ url: `${this.origin}${pathname}` }) });
    });
    await this.browser.page.goto(elsewhere);
  }

  /** Opens the page with a policy that forbids it EME, as it is in another's iframe. */
  async openForbidden(): Promise<void> {
    const headers = { 'Content-Type': 'text/html', 'Permissions-Policy': 'encrypted-media=()' };
    await this.browser.page.route(`${this.origin}/`, (route) => route.fulfill({ headers, body: PAGE }), { times: 1 });
    await this.browser.page.goto(this.origin);
  }

  /** Plays with a snippet until a licence is asked for, or until something ends it. */
  async play(snippet: string, args: readonly unknown[], bearer: string): Promise<Outcome> {
    const { error, ...outcome } = (await this.run('playWith', snippet, args, bearer)) as Outcome;
    // The emulator's answer is no licence: what becomes of it is no matter here.
    return error === undefined || this.requests.length > 0 ? outcome : { error, ...outcome };
  }

  /** Calls a function of the page by its name. */
  run(name: string, ...args: unknown[]): Promise<unknown> {
    return this.browser.page.evaluate(`${name}(...${JSON.stringify(args)})`);
  }

  /** Requests that left this machine, since the start. */
  get strays(): string[] {
    return this.browser.complaints.filter((complaint) => complaint.startsWith('a request to '));
  }

  async stop(): Promise<void> {
    await this.browser.stop();
    this.server.close();
  }
}

function distributed(file: string): Promise<string> {
  return readFile(`node_modules/${file}`, 'utf8');
}
