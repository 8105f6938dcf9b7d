// A store's machine, which tells the service of purchases.
import type { Response } from 'supertest';
import { inject } from 'vitest';
import type { TestService } from '../support/test-service.js';

/** 30 days after the moment at which the service's clock starts. */
const PERIOD_ENDS_AT = new Date(inject('seededAt') + 30 * 86_400_000).toISOString();

/** An order of a title of the demo's, with what a test wants otherwise. */
export function rental(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    userId: 'frank',
    contentId: 'sintel',
    type: 'rental',
    purchasedAt: '2026-11-21T10:00:00.000Z',
    periodEndsAt: PERIOD_ENDS_AT,
    playDurationSeconds: 172_800,
    version: 1,
    ...more,
  };
}

/** The same, sold for good. */
export function sale(more: Record<string, unknown> = {}): Record<string, unknown> {
  const { periodEndsAt: _end, playDurationSeconds: _duration, ...order } = rental({ type: 'buy-to-own' });
  return { ...order, ...more };
}

export class PurchaseClient {
  private constructor(
    private readonly service: TestService,
    /** Its bearer token. */
    readonly bearer: string,
  ) {}

  static async of(service: TestService, scope = 'purchases:write'): Promise<PurchaseClient> {
    return new PurchaseClient(service, await service.issuer.token('store', { scope, expiresIn: 1_000_000 }));
  }

  get(externalId: string): Promise<Response> {
    return this.send('get', externalId);
  }

  put(externalId: string, body: object): Promise<Response> {
    return this.send('put', externalId, body);
  }

  revoke(externalId: string, body: object): Promise<Response> {
    return this.send('post', `${externalId}/revocation`, body);
  }

  reinstate(externalId: string, body: object): Promise<Response> {
    return this.send('post', `${externalId}/reinstatement`, body);
  }

  reset(externalId: string, body: object): Promise<Response> {
    return this.send('post', `${externalId}/first-play-reset`, body);
  }

  async send(
    method: 'get' | 'put' | 'post',
    path: string,
    body?: object | string,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const sent = this.service.http()[method](`/v1/admin/purchases/${path}`);
    return sent.set({ Authorization: `Bearer ${this.bearer}`, ...headers }).send(body);
  }

  /** Sends a whole batch, texts as they are, and answers with the lines of the report. */
  async import(body: string | Buffer | readonly object[], query = ''): Promise<ReportLine[]> {
    const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : ndjson(body);
    const answer = await fetch(`${this.service.url}/v1/admin/purchases/batch${query}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.bearer}`, 'Content-Type': 'application/x-ndjson' },
      body: bytes,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status} ${text}`);
    return reportLines(text);
  }
}

/** A line of a report, or its last one. */
export interface ReportLine {
  line?: number;
  externalId?: string;
  outcome?: string;
  errors?: { field: string; message: string }[];
  progress?: { lastLine: number };
  summary?: Record<string, unknown>;
}

/** One object a line. */
export function ndjson(lines: readonly object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** The lines of a report that have come whole. */
export function reportLines(text: string): ReportLine[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as ReportLine);
}
