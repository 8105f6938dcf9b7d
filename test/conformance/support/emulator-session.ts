// The emulator in this process as the suite drives it: over HTTP, with its control routes and with the client; and what it answers.
import { ExpressPlayClient, type ExpressPlayClientOptions } from '@app/expressplay';
import { expect } from 'vitest';
import {
  type RunningEmulator,
  startEmulator,
} from '../../../apps/expressplay-emulator/src/testing/running-emulator.js';
import type { ConformanceCase, Outcome } from '../cases/case.js';
import { type Service, statusOf } from '../documented-codes.js';
import { type AccountName, ACCOUNTS, encode, NOW, type Parameters, STORED_KEY, VALID_REQUESTS } from './requests.js';

/** Where each service issues tokens, below the emulator's URL. */
export const TOKEN_PATHS: Readonly<Record<Service, string>> = {
  playready: '/hms/pr/token',
  fairplay: '/hms/fp/token',
  widevine: '/hms/wv/token',
};

/** How an error's body is written. */
export type ErrorFormat = 'html' | 'json';

/** An answer of the token or licence services. */
export interface Answer {
  readonly status: number;
  /** The media type without its parameters. */
  readonly mediaType: string;
  readonly body: string;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** One emulator for one test file. */
export class EmulatorSession {
  private constructor(private readonly emulator: RunningEmulator) {}

  /** Starts one at `NOW`, with the key of `STORED_KEY` in its storage. */
  static async start(variables: Record<string, string> = {}): Promise<EmulatorSession> {
    const session = new EmulatorSession(await startEmulator(NOW, variables));
    await session.storeKey(STORED_KEY.kid, STORED_KEY.ek);
    return session;
  }

  get url(): string {
    return this.emulator.url;
  }

  get clock(): RunningEmulator['clock'] {
    return this.emulator.clock;
  }

  close(): Promise<void> {
    return this.emulator.close();
  }

  /** Sends any request. */
  async send(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, init);
    const mediaType = (response.headers.get('content-type') ?? '').split(';', 1)[0]!;
    return { status: response.status, mediaType, body: await response.text() };
  }

  /** Posts a token request. */
  post(service: Service, parameters: Parameters): Promise<Answer> {
    return this.send(TOKEN_PATHS[service], { method: 'POST', headers: FORM, body: encode(parameters) });
  }

  /** What a token carries, by the emulator's own account. */
  async tokenParameters(token: string): Promise<Record<string, string | string[]>> {
    const { status, body } = await this.send(`/emulator/tokens/${token}`);
    if (status !== 200) throw new Error(`the token cannot be inspected: HTTP ${status} ${body}`);
    return (JSON.parse(body) as { parameters: Record<string, string | string[]> }).parameters;
  }

  /** What came of each request that was received, oldest first. */
  async received(): Promise<{ service: Service; outcome: 'issued' | number }[]> {
    return JSON.parse((await this.send('/emulator/requests')).body) as {
      service: Service;
      outcome: 'issued' | number;
    }[];
  }

  forgetReceived(): Promise<void> {
    return this.#control('DELETE', '/emulator/requests');
  }

  /** Puts a wrapped key into key storage. */
  storeKey(kid: string, ek: string): Promise<void> {
    return this.#control('PUT', `/emulator/keys/${kid}`, { ek });
  }

  /** Makes the next `times` requests of a service fail; all of them until `clearFaults` when it is left out. */
  setFault(service: Service | 'any', fault: Readonly<Record<string, unknown>>, times?: number): Promise<void> {
    return this.#control('PUT', '/emulator/faults', { service, fault, ...(times !== undefined && { times }) });
  }

  clearFaults(): Promise<void> {
    return this.#control('DELETE', '/emulator/faults');
  }

  async #control(method: string, path: string, body?: object): Promise<void> {
    const init = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const { status, body: text } = await this.send(path, { method, ...init });
    if (status < 200 || status > 299) throw new Error(`${method} ${path} failed: HTTP ${status} ${text}`);
  }
}

/** The whole request of a case, with the authenticator and the error format. */
export function requestOf(conformanceCase: ConformanceCase, errorFormat: ErrorFormat): Parameters {
  const { service, account = 'good', change } = conformanceCase;
  return {
    customerAuthenticator: ACCOUNTS[account],
    errorFormat,
    ...VALID_REQUESTS[service],
    ...change,
  };
}

const TOKEN = /^[A-Za-z0-9_-]+$/;

/** Expects a refusal with a code, its status, and a body in this format. */
export function expectRefusal(answer: Answer, code: number, errorFormat: ErrorFormat): void {
  expect({ code: codeIn(answer), status: answer.status, mediaType: answer.mediaType }).toEqual({
    code,
    status: statusOf(code),
    mediaType: errorFormat === 'json' ? 'application/json' : 'text/html',
  });
}

/** Expects a token in the service's shape of answer, and takes it out. */
export function expectToken(answer: Answer, service: Service): string {
  expect({ code: codeIn(answer), status: answer.status, mediaType: answer.mediaType }).toEqual({
    code: undefined,
    status: 200,
    mediaType: 'text/uri-list',
  });
  const token = service === 'playready' ? tokenInPair(answer.body) : tokenInUrl(answer.body, service);
  expect(token).toMatch(TOKEN);
  return token;
}

/** Expects the one or the other. */
export function expectOutcome(answer: Answer, outcome: Outcome, service: Service, errorFormat: ErrorFormat): void {
  if (outcome === 'issued') expectToken(answer, service);
  else expectRefusal(answer, outcome, errorFormat);
}

/** The event code of an error body, in either format. */
export function codeIn({ mediaType, body, status }: Answer): number | undefined {
  if (status === 200) return undefined;
  if (mediaType === 'application/json') return (JSON.parse(body) as { errorCode?: number }).errorCode;
  const found = /-\d{4}/.exec(body);
  return found === null ? undefined : Number(found[0]);
}

function tokenInPair(body: string): string {
  const pair = JSON.parse(body) as Record<string, string>;
  expect(Object.keys(pair).toSorted()).toEqual(['licenseAcquisitionUrl', 'token']);
  expect(new URL(pair['licenseAcquisitionUrl']!).pathname).toBe('/playready/RightsManager.asmx');
  return pair['token']!;
}

function tokenInUrl(body: string, service: 'fairplay' | 'widevine'): string {
  // One URL, ready to use: nothing around it.
  expect(body).toMatch(/^\S+$/);
  const url = new URL(body);
  if (service === 'fairplay') expect(url.pathname).toBe('/hms/fp/rights/');
  expect([...url.searchParams.keys()]).toEqual(['ExpressPlayToken']);
  return url.searchParams.get('ExpressPlayToken')!;
}

/** The options of a client for an account. */
export function clientOptions(emulator: EmulatorSession, account: AccountName = 'good'): ExpressPlayClientOptions {
  return {
    environment: 'test',
    prodDomain: 'service.expressplay.com',
    baseUrl: emulator.url,
    customerAuthenticator: ACCOUNTS[account],
    connectTimeoutMs: 5_000,
    timeoutMs: 5_000,
    maxConnections: 4,
    // The emulator speaks plain http.
    useHttps: false,
    now: () => emulator.clock.now(),
  };
}

/** A client of an account. Close it. */
export function clientOf(emulator: EmulatorSession, account?: AccountName, timeoutMs = 5_000): ExpressPlayClient {
  return new ExpressPlayClient({ ...clientOptions(emulator, account), timeoutMs });
}
