// A collector of traces: takes what an OpenTelemetry exporter sends by OTLP/HTTP as JSON, and can be down, slow or unwilling.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type AttributeValue = string | number | boolean;

/** A span, as it was exported. */
export interface ExportedSpan {
  name: string;
  traceId: string;
  spanId: string;
  /** Undefined for the first span of a trace. */
  parentSpanId: string | undefined;
  /** 1 internal, 2 server, 3 client. */
  kind: number;
  /** 0 unset, 1 ok, 2 error. */
  status: number;
  /** What a status says beside its code, events and links: nothing of the service has any. */
  extras: unknown[];
  traceState: string | undefined;
  attributes: Record<string, AttributeValue>;
  resource: Record<string, AttributeValue>;
}

interface OtlpAttribute {
  key: string;
  value: { stringValue?: string; intValue?: number; doubleValue?: number; boolValue?: boolean };
}

interface OtlpSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  traceState?: string;
  kind: number;
  attributes: OtlpAttribute[];
  status: { code: number; message?: string };
  events: unknown[];
  links: unknown[];
}

interface OtlpTraces {
  resourceSpans: { resource: { attributes: OtlpAttribute[] }; scopeSpans: { spans: OtlpSpan[] }[] }[];
}

export class OtlpCollector {
  /** Requests so far, as they came: address, headers and body. */
  readonly requests: string[] = [];
  readonly spans: ExportedSpan[] = [];
  /** What is answered; `hang` never answers. */
  mode: number | 'hang' = 200;
  readonly #server: Server;
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  static async start(): Promise<OtlpCollector> {
    const collector = new OtlpCollector();
    await collector.listen();
    return collector;
  }

  /** `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens (again), at the same port. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Breaks every connection and refuses new ones. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** The spans of a request, which it is found by. */
  ofRequest(requestId: string): ExportedSpan[] {
    const server = this.spans.find(({ attributes }) => attributes['entitlement.request_id'] === requestId);
    return this.spans.filter(({ traceId }) => traceId === server?.traceId);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    this.requests.push(`${request.method} ${request.url}\n${request.rawHeaders.join('\n')}\n${body}`);
    if (this.mode === 'hang') return;
    if (this.mode === 200) this.spans.push(...spansOf(JSON.parse(body) as OtlpTraces));
    response.writeHead(this.mode, { 'Content-Type': 'application/json' }).end('{}');
  }
}

function spansOf({ resourceSpans }: OtlpTraces): ExportedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, traceId, spanId, parentSpanId, kind, status, traceState, attributes, events, links }) => ({
        name,
        traceId,
        spanId,
        parentSpanId: parentSpanId || undefined,
        kind,
        status: status.code,
        extras: [...events, ...links, ...(status.message === undefined ? [] : [status.message])],
        traceState,
        attributes: valuesOf(attributes),
        resource: valuesOf(resource.attributes),
      })),
    ),
  );
}

function valuesOf(attributes: OtlpAttribute[]): Record<string, AttributeValue> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue ?? '',
    ]),
  );
}
