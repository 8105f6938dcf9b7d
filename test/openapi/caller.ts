// Calls operations of the API's document by their name, and holds every answer against it.
import type { TokenOptions } from '../support/issuer.js';
import type { TestService } from '../support/test-service.js';
import type { Contract, Operation } from './contract.js';

/** What a call is made of beside what the document says. */
export interface Call {
  /** The subject of the bearer token; null for none. */
  user?: string | null;
  token?: TokenOptions;
  /** By name. */
  path?: Record<string, string>;
  query?: string;
  headers?: Record<string, string>;
  /** As JSON unless it is a text; by default the first example. */
  body?: unknown;
  /** Where to send it, other than where the operation is. */
  url?: string;
}

/** Values of the parameters in paths, for calls that name none. */
const PLACES: Record<string, string> = { contentId: 'sintel', name: 'hd', externalId: 'no-such-order' };

export class Caller {
  constructor(
    readonly contract: Contract,
    readonly service: TestService,
  ) {}

  /** Answers with the status and the checked body. */
  async call(id: string, call: Call = {}): Promise<{ status: number; body: unknown; headers: Headers }> {
    const operation = this.contract.operation(id);
    const answer = await this.#send(operation, call);
    return { status: answer.status, headers: answer.headers, body: await this.contract.check(operation, answer) };
  }

  async #send(operation: Operation, call: Call): Promise<Response> {
    const { method, scope, bodyType, examples } = operation;
    const { user = 'alice', query = '', body = Object.values(examples)[0] } = call;
    const path = operation.path.replaceAll(
      /\{(\w+)\}/g,
      (_, name: string) => call.path?.[name] ?? PLACES[name] ?? name,
    );
    const isPlayers = scope === 'playback' || path.startsWith('/health');
    const base = call.url ?? (isPlayers ? this.service.url : this.service.managementUrl);
    const bearer =
      user === null || scope === undefined
        ? undefined
        : await this.service.issuer.token(user, { scope, ...call.token });
    return fetch(`${base}${path}${query}`, {
      method,
      headers: {
        ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }),
        ...(bodyType === undefined ? {} : { 'Content-Type': bodyType }),
        ...call.headers,
      },
      body: bodyType === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
  }
}
