// The part that stands on the SDK of OpenTelemetry: imported only where traces are exported.
import { AsyncResource } from 'node:async_hooks';
import type { Logger } from '@nestjs/common';
import { type Context, diag, type DiagLogger, DiagLogLevel, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';

/** Where spans go, as whose, and which. */
export interface TracerSdkOptions {
  /** Base URL of an OTLP/HTTP collector; `/v1/traces` is added to it. */
  readonly endpoint: string;
  readonly serviceName: string;
  readonly serviceVersion?: string | undefined;
  /** Share of the requests that are traced, from 0 to 1. */
  readonly ratio: number;
  readonly log: ExportLog;
}

/** A running tracer, which can deliver the spans that have ended, and stop after that. */
export type TracerSdk = ReturnType<typeof startTracerSdk>;

/** Milliseconds that one delivery may take, further tries included. */
const EXPORT_TIMEOUT_MS = 5_000;

/** Spans that wait for delivery; further ones are dropped, so that a collector that is away costs some memory and no more. */
const QUEUE = { maxQueueSize: 2048, maxExportBatchSize: 512, scheduledDelayMillis: 2_000 };

/** Bounds of one span. */
const SPAN_LIMITS = { attributeCountLimit: 32, attributeValueLengthLimit: 256, eventCountLimit: 0, linkCountLimit: 0 };

/** Starts a tracer of its own. Only its diagnostics are the process's: the last one started logs them. */
export function startTracerSdk({ endpoint, serviceName, serviceVersion, ratio, log }: TracerSdkOptions) {
  diag.setLogger(throttled(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
    concurrencyLimit: 4,
  });
  const provider = new NodeTracerProvider({
    // Nothing of the machine: no host, process, command line or user; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word.
    resource: resourceFromAttributes({
      'service.name': serviceName,
      ...(serviceVersion === undefined ? {} : { 'service.version': serviceVersion }),
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'opentelemetry',
    }).merge(detectResources({ detectors: [envDetector] })),
    sampler: new OwnSampler(ratio),
    spanLimits: SPAN_LIMITS,
    spanProcessors: [
      new BatchSpanProcessor(new WatchedExporter(exporter, log), {
        ...QUEUE,
        exportTimeoutMillis: 2 * EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  return {
    tracer: provider.getTracer(serviceName, serviceVersion),
    flush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
  };
}

/** How long the same kind is held back, in ms. */
export const THROTTLE_MS = 5 * 60_000;

/** Lets through one of each kind, and then none for a while: what happens many times a second must not fill the log. */
export class Throttle {
  readonly #last = new Map<string, number>();

  /** @param now a clock in ms that does not jump */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether one of a kind is let through now; the next ones are not. */
  admits(kind: string): boolean {
    const last = this.#last.get(kind);
    if (last !== undefined && this.now() - last < THROTTLE_MS) return false;
    this.#last.set(kind, this.now());
    return true;
  }
}

/** What the SDK has to say, once in a while. */
function throttled(log: ExportLog): DiagLogger {
  const throttle = new Throttle();
  const say = (message: string) => {
    // One of a kind: the numbers in a message change.
    if (throttle.admits(message.replaceAll(/\d+/g, ''))) log.warn(`OpenTelemetry: ${message}`);
  };
  const nothing = () => undefined;
  return { error: say, warn: say, info: nothing, debug: nothing, verbose: nothing };
}

/**
 * Keeps a share of the requests, picked at random here. Neither the caller's sampled flag nor its trace id counts: the ratio
 * samplers of OpenTelemetry decide by the trace id, so whoever chooses the id would choose the decision. Spans within a
 * request go with it.
 */
export class OwnSampler implements Sampler {
  /** @param ratio share of the requests that are kept, from 0 to 1 */
  constructor(
    private readonly ratio: number,
    private readonly random: () => number = Math.random,
  ) {}

  shouldSample(context: Context): SamplingResult {
    const parent = trace.getSpan(context);
    const own = parent !== undefined && parent.spanContext().isRemote !== true;
    const keep = own ? parent.isRecording() : this.random() < this.ratio;
    return { decision: keep ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
  }

  toString(): string {
    return `OwnSampler{${this.ratio}}`;
  }
}

type ExportLog = Pick<Logger, 'warn' | 'log'>;

type Done = Parameters<SpanExporter['export']>[1];
type ExportError = Parameters<Done>[0]['error'];

const SUCCESS: Parameters<Done>[0]['code'] = 0;

/** Stands before the exporter: logs, once in a while, that spans cannot be delivered, and keeps failures to itself. */
export class WatchedExporter implements SpanExporter {
  // Spans end within requests, but their export belongs to none: its log lines must not carry the id of one.
  readonly #outside = new AsyncResource('TraceExport');
  #lost = 0;
  #logged = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly log: ExportLog,
    private readonly throttle = new Throttle(),
  ) {}

  export(spans: ReadableSpan[], done: Done): void {
    this.#outside.runInAsyncScope(() =>
      this.exporter.export(spans, ({ code, error }) => {
        if (code !== SUCCESS) this.#failed(spans.length, error);
        else if (this.#logged) {
          this.#logged = false;
          this.log.log(`Traces are exported again; spans lost so far: ${this.#lost}`);
        }
        // The SDK would log each failure, with a stack and what the collector answered.
        done({ code: SUCCESS });
      }),
    );
  }

  forceFlush(): Promise<void> {
    return this.exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  #failed(spans: number, error: ExportError): void {
    this.#lost += spans;
    if (!this.throttle.admits('export')) return;
    this.#logged = true;
    this.log.warn(`Traces cannot be exported: ${reasonOf(error)}; spans lost so far: ${this.#lost}`);
  }
}

/** A status or a system's code. The text of the error may be the collector's. */
function reasonOf(error: ExportError): string {
  const code = error !== undefined && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return `the collector answered ${code}`;
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code)) return code;
  return 'the collector did not take them in time';
}
