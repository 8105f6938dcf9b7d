// What the snippets of docs/players.md use of players and browsers, and no more: anything else they call is an error.
// Each fetches a licence, as the real one does, from the URL and in the way that the snippet has set up.

/** What reached a licence server. */
export interface LicenceRequest {
  keySystem: string;
  url: string;
  contentType: string | undefined;
  status: number;
}

interface ShakaConfig {
  drm: { servers: Record<string, string>; advanced?: Record<string, { serverCertificateUri: string }> };
}
type Filter = (type: number, message: FilteredRequest) => void;
interface FilteredRequest {
  headers: Record<string, string>;
  drmInfo: { keySystem: string };
}

const CHALLENGE = Buffer.from('a challenge, which the emulator does not read');
const LICENSE = 1;

/** The licence requests of all stand-ins, in their order. */
export class LicenceRequests {
  readonly made: LicenceRequest[] = [];

  async make(keySystem: string, url: string, headers: Record<string, string> = {}): Promise<Response> {
    const answer = await fetch(url, { method: 'POST', headers, body: CHALLENGE });
    this.made.push({ keySystem, url, contentType: headers['Content-Type'], status: answer.status });
    return answer;
  }
}

/** The default export of `shaka-player`. */
export function shakaStandIn(requests: LicenceRequests): object {
  class Player {
    #servers: Record<string, string> = {};
    #certificates: Record<string, { serverCertificateUri: string }> = {};
    readonly #filters: Filter[] = [];
    #attached = false;

    async attach(video: object): Promise<void> {
      this.#attached = video !== null;
    }

    configure({ drm, ...rest }: ShakaConfig): boolean {
      const { servers, advanced = {}, ...others } = drm;
      refuseUnknown('configure', { ...others, ...rest });
      this.#servers = servers;
      this.#certificates = advanced;
      return true;
    }

    getNetworkingEngine(): object {
      return {
        registerRequestFilter: (filter: Filter) => void this.#filters.push(filter),
        registerResponseFilter: isFunction,
      };
    }

    async load(manifest: string): Promise<void> {
      if (!this.#attached || manifest === '') throw new Error('attach() and a manifest come first');
      for (const [keySystem, url] of Object.entries(this.#servers)) {
        if (keySystem === 'com.apple.fps') await fetched(this.#certificates[keySystem]?.serverCertificateUri);
        const request: FilteredRequest = { headers: {}, drmInfo: { keySystem } };
        for (const filter of this.#filters) filter(LICENSE, request);
        await requests.make(keySystem, url, request.headers);
      }
    }
  }

  return {
    Player,
    polyfill: { installAll: () => undefined },
    drm: {
      FairPlay: {
        expressplayFairPlayRequest: (type: number, { drmInfo, headers }: FilteredRequest) => {
          if (type === LICENSE && drmInfo.keySystem === 'com.apple.fps')
            headers['Content-Type'] = 'application/octet-stream';
        },
        commonFairPlayResponse: () => undefined,
      },
    },
  };
}

/** The export `MediaPlayer` of `dashjs`. */
export function dashjsStandIn(requests: LicenceRequests): () => object {
  return () => ({
    create: () => {
      const state: { video?: object; protection: Record<string, { serverURL: string }>; settled: Promise<unknown> } = {
        protection: {},
        settled: Promise.resolve(),
      };
      return {
        initialize: () => undefined,
        setProtectionData: (data: typeof state.protection) => {
          for (const entry of Object.values(data)) refuseUnknown('protection data', entry, ['serverURL']);
          state.protection = data;
        },
        attachView: (video: object) => void (state.video = video),
        attachSource: (manifest: string) => {
          if (state.video === undefined || manifest === '') throw new Error('attachView() and a manifest come first');
          const ask = ([keySystem, { serverURL }]: [string, { serverURL: string }]) =>
            requests.make(keySystem, serverURL);
          state.settled = Promise.all(Object.entries(state.protection).map(ask));
        },
        settled: () => state.settled,
      };
    },
  });
}

interface HlsConfig {
  emeEnabled: boolean;
  drmSystems: Record<string, { licenseUrl: string; serverCertificateUrl?: string }>;
  licenseXhrSetup(xhr: object, url: string): void;
}

/** The default export of `hls.js`. */
export function hlsStandIn(requests: LicenceRequests): object {
  return class Hls {
    #video: object | undefined;
    #settled: Promise<unknown> = Promise.resolve();

    constructor(private readonly config: HlsConfig) {
      refuseUnknown('configuration', config, ['emeEnabled', 'drmSystems', 'licenseXhrSetup']);
      if (!config.emeEnabled) throw new Error('without emeEnabled nothing asks for a licence');
    }

    attachMedia(video: object): void {
      this.#video = video;
    }

    loadSource(playlist: string): void {
      if (this.#video === undefined || playlist === '') throw new Error('attachMedia() and a playlist come first');
      this.#settled = Promise.all(Object.entries(this.config.drmSystems).map((system) => this.#license(system)));
    }

    settled(): Promise<unknown> {
      return this.#settled;
    }

    async #license([keySystem, system]: [string, HlsConfig['drmSystems'][string]]): Promise<void> {
      if (system.serverCertificateUrl !== undefined) await fetched(system.serverCertificateUrl);
      const opened: { url?: string } = {};
      const headers: Record<string, string> = {};
      const xhr = {
        open: (method: string, url: string) => void (opened.url = method === 'POST' ? url : undefined),
        setRequestHeader: (name: string, value: string) => void (headers[name] = value),
      };
      this.config.licenseXhrSetup(xhr, system.licenseUrl);
      await requests.make(keySystem, opened.url ?? '', headers);
    }
  };
}

/** A browser's EME: key systems that it has, and video elements that meet encrypted media when they get a source. */
export class BrowserStandIn {
  readonly updates: ArrayBuffer[] = [];
  certificate: ArrayBuffer | undefined;

  constructor(private readonly keySystems: readonly string[]) {}

  readonly requestMediaKeySystemAccess = async (keySystem: string): Promise<object> => {
    if (!this.keySystems.includes(keySystem)) throw new Error(`${keySystem} is not supported`);
    return {
      createMediaKeys: async () => ({
        setServerCertificate: async (certificate: ArrayBuffer) => void (this.certificate = certificate),
        createSession: () => this.#session(),
      }),
    };
  };

  video(): object {
    return new (class extends EventTarget {
      #keys: object | undefined;

      async setMediaKeys(keys: object): Promise<void> {
        this.#keys = keys;
      }

      set src(_playlist: string) {
        if (this.#keys === undefined) throw new Error('setMediaKeys() comes first');
        this.dispatchEvent(Object.assign(new Event('encrypted'), { initDataType: 'skd', initData: CHALLENGE }));
      }
    })();
  }

  #session(): object {
    const { updates } = this;
    return new (class extends EventTarget {
      async generateRequest(initDataType: string): Promise<void> {
        if (initDataType !== 'skd') throw new Error('FairPlay over HLS is skd');
        this.dispatchEvent(Object.assign(new Event('message'), { message: CHALLENGE }));
      }

      async update(license: ArrayBuffer): Promise<void> {
        updates.push(license);
      }
    })();
  }
}

async function fetched(url: string | undefined): Promise<void> {
  if (url === undefined || !(await fetch(url)).ok) throw new Error('FairPlay needs a certificate');
}

function refuseUnknown(what: string, given: object, known: readonly string[] = []): void {
  const names = Object.keys(given).filter((name) => !known.includes(name));
  if (names.length > 0) throw new Error(`${what}: the stand-in knows nothing of ${names.join(', ')}`);
}

function isFunction(value: unknown): void {
  if (typeof value !== 'function') throw new Error('a filter is a function');
}
