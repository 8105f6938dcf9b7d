// The service with a collector of its traces, and with a look at the headers that ExpressPlay gets.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';
import { Tracing } from '@app/platform/telemetry';
import { type ExportedSpan, OtlpCollector } from '../support/otlp-collector.js';
import { TestService, type TestServiceOptions } from '../support/test-service.js';

/** A request of a player's, and what came of it. */
export interface TracedAnswer {
  status: number;
  body: Record<string, unknown>;
  requestId: string;
}

/** How long a request may take to get where a test waits for it, on a busy machine as well; in ms. */
export const REACHED_MS = 10_000;

export class TracedService {
  private constructor(
    readonly service: TestService,
    readonly collector: OtlpCollector,
    /** Headers of every request to ExpressPlay. */
    readonly sent: IncomingHttpHeaders[],
    private readonly recorder: Server,
  ) {}

  static async start({ environment, ...options }: TestServiceOptions = {}): Promise<TracedService> {
    const collector = await OtlpCollector.start();
    const sent: IncomingHttpHeaders[] = [];
    let emulator = '';
    const recorder = createServer((request, response) => {
      sent.push(request.headers);
      const onward = httpRequest(
        new URL(request.url ?? '', emulator),
        { method: request.method, headers: request.headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        },
      );
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    }).listen(0, '127.0.0.1');
    await once(recorder, 'listening');
    const service = await TestService.start({
      ...options,
      environment: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        EXPRESSPLAY_BASE_URL: `http://127.0.0.1:${(recorder.address() as AddressInfo).port}`,
        ...environment,
      },
    });
    emulator = `http://127.0.0.1:${service.wires.emulator.port}`;
    return new TracedService(service, collector, sent, recorder);
  }

  /** Asks for a licence token. */
  async ask(user: string, body: object, headers: Record<string, string> = {}): Promise<TracedAnswer> {
    const bearer = await this.service.issuer.token(user);
    return this.call('POST', '/v1/license-tokens', { Authorization: `Bearer ${bearer}`, ...headers }, body);
  }

  async call(method: string, path: string, headers: Record<string, string> = {}, sent?: object): Promise<TracedAnswer> {
    const requestId = randomUUID();
    const answer = await fetch(`${this.service.url}${path}`, {
      method,
      headers: { 'X-Request-Id': requestId, 'Content-Type': 'application/json', ...headers },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
    });
    const text = await answer.text();
    const body = /json/.test(answer.headers.get('Content-Type') ?? '')
      ? (JSON.parse(text) as TracedAnswer['body'])
      : {};
    return { status: answer.status, body, requestId };
  }

  /** The exported spans of a request, by their names. */
  async trace({ requestId }: Pick<TracedAnswer, 'requestId'>): Promise<Record<string, ExportedSpan>> {
    const spans = await vi.waitFor(
      async () => {
        await this.flush();
        const found = this.collector.ofRequest(requestId);
        if (found.length === 0) throw new Error('the request has no trace');
        return found;
      },
      { timeout: REACHED_MS, interval: 20 },
    );
    return Object.fromEntries(spans.map((span) => [span.name, span]));
  }

  flush(): Promise<void> {
    return this.service.app.get(Tracing, { strict: false }).flush();
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.collector.stop();
    this.recorder.close();
    this.recorder.closeAllConnections();
  }
}
