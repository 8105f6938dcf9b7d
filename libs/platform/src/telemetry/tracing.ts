// Traces of requests: a span for each, exported to an OpenTelemetry collector, or nothing at all.
import { setTimeout as delay } from 'node:timers/promises';
import { type DynamicModule, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { type Failure, recordFailure, requests, runInTrace } from './active-trace.js';
import { callerContext, type IncomingHeaders } from './trace-context.js';
import type { TracerSdk, TracerSdkOptions } from './tracer-sdk.js';

/** Methods that any route or preflight takes. */
export const ROUTED_METHODS: ReadonlySet<string> = new Set('GET HEAD POST PUT PATCH DELETE OPTIONS'.split(' '));

/** Methods that the semantic conventions of traces know. */
const KNOWN_METHODS: ReadonlySet<string> = new Set([...ROUTED_METHODS, 'TRACE', 'CONNECT']);

export interface TracingOptions extends Omit<TracerSdkOptions, 'endpoint' | 'log'> {
  /** Base URL of an OTLP/HTTP collector; without one nothing is traced. */
  readonly endpoint?: string | undefined;
  /** Beginnings of routes whose requests are not traced. */
  readonly untracedRoutes: readonly string[];
}

interface TracedRequest {
  /** What stands for the request in `traceFieldsOf`. */
  readonly key: object;
  readonly method: string;
  /** The route's pattern, such as `/v1/entitlements/:contentId`; undefined when there is none. */
  readonly route: string | undefined;
  readonly scheme: string;
  readonly headers: IncomingHeaders;
  readonly requestId: string;
}

/** Milliseconds that the end of the process waits for the collector to take the last spans. */
export const FLUSH_TIMEOUT_MS = 2_000;

/** Starts the spans of requests. Inject it by this class. */
export class Tracing implements OnApplicationShutdown {
  private constructor(
    private readonly sdk: TracerSdk | undefined,
    private readonly untracedRoutes: readonly string[],
  ) {}

  /** With an endpoint the SDK is loaded and started; without one not even that. */
  static async start({ endpoint, untracedRoutes, ...options }: TracingOptions): Promise<Tracing> {
    if (endpoint === undefined) return new Tracing(undefined, untracedRoutes);
    const { startTracerSdk } = await import('./tracer-sdk.js');
    const log = new Logger(Tracing.name);
    return new Tracing(startTracerSdk({ ...options, endpoint, log }), untracedRoutes);
  }

  /** Whether requests are traced. */
  get enabled(): boolean {
    return this.sdk !== undefined;
  }

  /** Begins a request's span, as a part of the caller's trace if it names one; undefined when it is not traced. */
  startRequest({ key, method, route, scheme, headers, requestId }: TracedRequest) {
    const tracer = this.sdk?.tracer;
    const isOf = (beginning: string) => route === beginning || route?.startsWith(`${beginning}/`) === true;
    if (tracer === undefined || this.untracedRoutes.some(isOf)) return undefined;
    // A name that a caller makes up is not one more span name.
    const known = KNOWN_METHODS.has(method) ? method : '_OTHER';
    const parent = callerContext(headers);
    const span = tracer.startSpan(
      `${known === '_OTHER' ? 'HTTP' : known}${route === undefined ? '' : ` ${route}`}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': known,
          ...(route === undefined ? {} : { 'http.route': route }),
          'url.scheme': scheme === 'https' ? 'https' : 'http',
          'entitlement.request_id': requestId,
        },
      },
      parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent),
    );
    requests.set(key, span);
    return {
      /** Runs `work`, and all that it starts, within the request's span. */
      run: (work: () => void) => runInTrace({ tracer, request: span, span }, work),
      /** @param status undefined when no answer was begun */
      end: (status: number | undefined, failure?: Failure) => {
        if (status !== undefined) span.setAttribute('http.response.status_code', status);
        if (failure !== undefined) recordFailure(span, failure);
        span.end();
      },
    };
  }

  /** Delivers the spans that have ended, if the collector takes them in time. */
  flush(): Promise<void> {
    return inTime(this.sdk?.flush());
  }

  /** Runs when the last request has been answered. */
  onApplicationShutdown(): Promise<void> {
    return inTime(this.sdk?.shutdown());
  }
}

/** Spans that cannot be delivered now are lost: nothing waits for a collector longer than this. */
async function inTime(work: Promise<void> | undefined): Promise<void> {
  if (work === undefined) return;
  const timer = new AbortController();
  const deadline = delay(FLUSH_TIMEOUT_MS, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([work.catch(() => undefined), deadline]);
  timer.abort();
}

@Module({})
class TelemetryModule {}

/** The global module that has `Tracing`; the exporter is started with the application and ends with it. */
export function telemetryModule(options: TracingOptions): DynamicModule {
  return {
    module: TelemetryModule,
    global: true,
    providers: [{ provide: Tracing, useFactory: () => Tracing.start(options) }],
    exports: [Tracing],
  };
}
