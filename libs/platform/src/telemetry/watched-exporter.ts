// Stands before the exporter: tells in the log, seldom, that spans cannot be delivered, and keeps failures to itself.
import { AsyncResource } from 'node:async_hooks';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import { Seldom } from './seldom.js';

/** What the log is told. */
export interface ExportLog {
  warn(message: string): void;
  log(message: string): void;
}

type Done = Parameters<SpanExporter['export']>[1];
type ExportError = Parameters<Done>[0]['error'];

const SUCCESS: Parameters<Done>[0]['code'] = 0;

export class WatchedExporter implements SpanExporter {
  // Spans end within requests, but their export belongs to none: its log lines must not carry the id of one.
  readonly #outside = new AsyncResource('TraceExport');
  #lost = 0;
  #told = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly log: ExportLog,
    private readonly seldom = new Seldom(),
  ) {}

  export(spans: ReadableSpan[], done: Done): void {
    this.#outside.runInAsyncScope(() =>
      this.exporter.export(spans, ({ code, error }) => {
        if (code === SUCCESS) this.#delivered();
        else this.#failed(spans.length, error);
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
    if (!this.seldom.isDue('export')) return;
    this.#told = true;
    this.log.warn(`Traces cannot be exported: ${reasonOf(error)}; spans lost so far: ${this.#lost}`);
  }

  #delivered(): void {
    if (!this.#told) return;
    this.#told = false;
    this.log.log(`Traces are exported again; spans lost so far: ${this.#lost}`);
  }
}

/** A status or a system's code. The text of the error may be the collector's. */
function reasonOf(error: ExportError): string {
  const code = error !== undefined && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return `the collector answered ${code}`;
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code)) return code;
  return 'the collector did not take them in time';
}
