// A caller that keeps every answer, and looks into it for what should not be there.
import type { CanaryFinder } from './finder.js';

/** An answer, as far as the caller decides by it. */
export interface KeptAnswer {
  status: number;
  /** The problem's code; undefined where there is none. */
  code: string | undefined;
  /** Headers and body, without the licence token that was asked for. */
  text: string;
}

export class Caller {
  /** Codes of all problems that were answered. */
  readonly codes = new Set<string>();
  readonly answers: KeptAnswer[] = [];
  readonly licenseTokens = new Set<string>();

  /** @param finder what is sent as a bearer and got as a licence token is added to it */
  constructor(private readonly finder: CanaryFinder) {}

  /** Asks, as the holder of a bearer token. */
  async call(
    url: string,
    bearer: string,
    init: RequestInit & { headers?: Record<string, string> } = {},
  ): Promise<KeptAnswer> {
    this.addBearer(bearer);
    const answer = await fetch(url, { ...init, headers: { Authorization: `Bearer ${bearer}`, ...init.headers } });
    const headers = JSON.stringify([...answer.headers]);
    return this.keep(answer.status, headers, await answer.text());
  }

  /** Asks for a licence token. */
  ask(url: string, bearer: string, body: object, headers: Record<string, string> = {}): Promise<KeptAnswer> {
    return this.call(`${url}/v1/license-tokens`, bearer, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  /** Takes note of an answer that came by another way. */
  keep(status: number, headers: string, body: string): KeptAnswer {
    const token = status === 200 ? licenseTokenOf(body) : undefined;
    if (token !== undefined && !this.licenseTokens.has(token)) {
      this.licenseTokens.add(token);
      this.finder.addText(`licence token ${this.licenseTokens.size}`, token);
    }
    const code = /"code":"([a-z-]+)"/.exec(body)?.[1];
    if (code !== undefined) this.codes.add(code);
    // The answer to whoever asked for it is the one place for a licence token.
    const rest = token === undefined ? body : body.replaceAll(token, '').replaceAll(encodeURIComponent(token), '');
    const kept = { status, code, text: `${headers}\n${rest}` };
    this.answers.push(kept);
    return kept;
  }

  addBearer(bearer: string): void {
    this.finder.addText('bearer token', bearer);
    const signature = bearer.split('.')[2];
    if (signature !== undefined && signature.length > 20) this.finder.addText("bearer token's signature", signature);
  }
}

/** Of JSON, or of the licence URL alone. */
function licenseTokenOf(body: string): string | undefined {
  return /^\{.*"token":"([^"]+)"/.exec(body)?.[1] ?? /ExpressPlayToken=([^&\s"]+)/.exec(body)?.[1];
}
