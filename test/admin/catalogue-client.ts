// A store's side of the catalogue: what it sends, under a machine token.
import type { Response } from 'supertest';
import type { TestService } from '../support/test-service.js';

/** What a test may want otherwise. */
export interface CatalogueRequest {
  scope?: string;
  ifMatch?: string;
  /** The body's media type, JSON by default. */
  type?: string;
}

export class CatalogueClient {
  /** Every answer so far, headers and all. */
  readonly answers: string[] = [];

  constructor(private readonly service: TestService) {}

  /** @param path below `/v1/admin` */
  get(path: string, request: CatalogueRequest = {}): Promise<Response> {
    return this.#send('get', path, undefined, request);
  }

  /** @param path below `/v1/admin` */
  put(path: string, body: object | string, request: CatalogueRequest = {}): Promise<Response> {
    return this.#send('put', path, body, request);
  }

  async #send(method: 'get' | 'put', path: string, body: object | string | undefined, request: CatalogueRequest) {
    const bearer = await this.service.issuer.token('store', { scope: request.scope ?? 'catalog:write' });
    const sent = this.service.http()[method](`/v1/admin/${path}`).set('Authorization', `Bearer ${bearer}`);
    if (request.ifMatch !== undefined) void sent.set('If-Match', request.ifMatch);
    const answer = await (body === undefined ? sent : sent.type(request.type ?? 'application/json').send(body));
    this.answers.push(`${JSON.stringify(answer.headers)}\n${answer.text}`);
    return answer;
  }
}

/** The fields that a problem names, each once. */
export function fieldsOf(answer: Response): string[] {
  const errors = (answer.body as { errors?: { field: string }[] }).errors ?? [];
  return [...new Set(errors.map(({ field }) => field))];
}
