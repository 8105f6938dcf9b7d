// The part that stands on the SDK of OpenTelemetry: imported only where traces are exported.
import { diag, type DiagLogger, DiagLogLevel, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { OwnSampler } from './own-sampler.js';
import { resourceOf } from './resource.js';
import { Seldom } from './seldom.js';
import { type ExportLog, WatchedExporter } from './watched-exporter.js';

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

/** A running tracer. */
export interface TracerSdk {
  readonly tracer: Tracer;
  /** Delivers the spans that have ended. */
  flush(): Promise<void>;
  /** Delivers them and stops. */
  shutdown(): Promise<void>;
}

/** Milliseconds that one delivery may take, further tries included. */
const EXPORT_TIMEOUT_MS = 5_000;

/** Spans that wait for delivery; further ones are dropped, so that a collector that is away costs some memory and no more. */
const QUEUE = { maxQueueSize: 2048, maxExportBatchSize: 512, scheduledDelayMillis: 2_000 };

/** Bounds of one span. */
const SPAN_LIMITS = { attributeCountLimit: 32, attributeValueLengthLimit: 256, eventCountLimit: 0, linkCountLimit: 0 };

/** Starts a tracer of its own. Only its diagnostics are the process's: the last one started logs them. */
export function startTracerSdk({ endpoint, serviceName, serviceVersion, ratio, log }: TracerSdkOptions): TracerSdk {
  diag.setLogger(quietly(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
    concurrencyLimit: 4,
  });
  const provider = new NodeTracerProvider({
    resource: resourceOf(serviceName, serviceVersion),
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

/** What the SDK has to say, seldom. */
function quietly(log: ExportLog): DiagLogger {
  const seldom = new Seldom();
  const say = (message: string) => {
    // One of a kind: the numbers in a message change.
    if (seldom.isDue(message.replaceAll(/\d+/g, ''))) log.warn(`OpenTelemetry: ${message}`);
  };
  const nothing = () => undefined;
  return { error: say, warn: say, info: nothing, debug: nothing, verbose: nothing };
}
