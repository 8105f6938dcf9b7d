// Requests of somebody who wants their own words among the metrics.
import { randomBytes } from 'node:crypto';
import { Agent, METHODS, request } from 'node:http';
import { exchange } from '../../support/raw-http.js';
import type { TestService } from '../../support/test-service.js';

/** In every word of theirs. */
export const MARK = 'hostile';

const SCOPES = 'playback catalog:write purchases:write ledger:read';
const TOKENS = '/v1/license-tokens';

/** Another one each time. */
export const hostileWord = () => `${MARK}-${randomBytes(6).toString('hex')}`;

interface HostileRequest {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: object;
}

export class HostileCaller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 20 });

  constructor(private readonly service: TestService) {}

  /** One request of each kind, each with words that were never used before. Answers with how many they were. */
  async callAll(): Promise<number> {
    const { issuer } = this.service;
    const user = { Authorization: `Bearer ${await issuer.token(hostileWord(), { scope: SCOPES })}` };
    const requests = [...this.#strangers(), ...this.#users(user)];
    const bytes = [`${hostileWord()}\r\n\r\n`, `HOSTILE /${hostileWord()} HTTP/1.1\r\nHost: a\r\n\r\n`];
    await Promise.all([
      ...requests.map((one) => this.#send(one)),
      ...bytes.map((part) => exchange(this.service.url, { parts: [part] })),
    ]);
    return requests.length + bytes.length;
  }

  close(): void {
    this.#agent.destroy();
  }

  #strangers(): HostileRequest[] {
    const methods = METHODS.filter((method) => method !== 'CONNECT');
    return [
      ...methods.map((method) => ({ method, path: `/${hostileWord()}` })),
      ...methods.map((method) => ({ method, path: `/v1/entitlements/${hostileWord()}` })),
      { method: 'GET', path: `/v1/${hostileWord()}/${hostileWord()}?${hostileWord()}=1` },
      { method: 'GET', path: `/%zz${hostileWord()}` },
      { method: 'GET', path: `//${hostileWord()}//..%2f` },
      { method: 'GET', path: `/v1/entitlements/${'x'.repeat(1100)}${hostileWord()}` },
      { method: 'GET', path: `/metrics/${hostileWord()}` },
      { method: 'GET', path: `/metrics?${hostileWord()}` },
      { method: 'GET', path: '/health/live', headers: { 'X-Request-Id': hostileWord(), [hostileWord()]: 'x' } },
      { method: 'POST', path: TOKENS, headers: { Authorization: `Bearer ${hostileWord()}` }, body: {} },
      { method: 'POST', path: TOKENS, headers: { 'Content-Type': `text/${hostileWord()}` }, body: {} },
      { method: 'OPTIONS', path: TOKENS, headers: { Origin: `https://${hostileWord()}` } },
    ];
  }

  #users(headers: Record<string, string>): HostileRequest[] {
    const token = (body: object) => ({ method: 'POST', path: TOKENS, headers, body });
    return [
      token({ contentId: hostileWord(), drm: 'playready' }),
      token({ contentId: 'sintel', drm: 'widevine' }),
      token({ contentId: 'sintel', drm: hostileWord() }),
      token({ contentId: '__proto__', drm: 'constructor', [hostileWord()]: 1 }),
      { method: 'GET', path: `/v1/entitlements/${hostileWord()}`, headers },
      { method: 'GET', path: `/v1/entitlements?cursor=${hostileWord()}`, headers },
      { method: 'GET', path: `/v1/admin/contents/${hostileWord()}`, headers },
      { method: 'PUT', path: `/v1/admin/contents/${hostileWord()}/key`, headers, body: { key: hostileWord() } },
      { method: 'PUT', path: `/v1/admin/contents/${hostileWord()}/keys`, headers, body: { keys: [hostileWord()] } },
      { method: 'PUT', path: `/v1/admin/purchases/${hostileWord()}`, headers, body: { userId: hostileWord() } },
      { method: 'GET', path: `/v1/admin/issuances?user=${hostileWord()}`, headers },
    ];
  }

  #send({ method, path, headers = {}, body }: HostileRequest): Promise<void> {
    const { hostname, port } = new URL(this.service.url);
    const json = body === undefined ? {} : { 'Content-Type': 'application/json' };
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, hostname, port, method, path, headers: { ...json, ...headers } };
      const sent = request(options, (answer) => answer.resume().once('end', resolve));
      sent.once('error', reject);
      sent.end(body && JSON.stringify(body));
    });
  }
}
