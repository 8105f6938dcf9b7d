// What is told of an import: lines of JSON, each written when what it tells is committed.
import type { OrderOutcome, TakenOutcome } from '../order-outcome.js';
import type { ImportChunk, ImportLine } from './import-chunk.js';

/** Every line, or only the ones that went wrong, with a line of progress for every chunk. */
export type ReportKind = 'all' | 'problems';

/** Why an import ended before its body did. */
export type EndedEarly = 'shutting-down' | 'service-unavailable' | 'internal-error';

/** How an import ended. */
export interface ImportSummary extends Record<TakenOutcome, number> {
  /** Whether the whole body has been worked on; otherwise `reason` says why not. */
  complete: boolean;
  /** Of a dry run, which has written nothing. */
  dryRun?: true;
  reason?: EndedEarly;
  /** Lines worked on, blank ones left out. */
  lines: number;
  /** Lines that were refused. */
  errors: number;
  /** The number of the last line worked on: to resume, send what follows it. */
  lastLine: number;
}

export class ImportReport {
  readonly #counts = { created: 0, updated: 0, unchanged: 0, stale: 0, errors: 0 };
  #lines = 0;

  /** @param lastLine the number of the line before the first one */
  constructor(
    private readonly kind: ReportKind,
    private lastLine: number,
    private readonly dryRun: boolean,
  ) {}

  /** Counts a chunk that is committed, and tells of its lines. */
  chunk({ lines, lastLine }: ImportChunk, outcomeOf: (line: ImportLine) => OrderOutcome): string {
    this.#lines += lines.length;
    this.lastLine = lastLine;
    let text = '';
    for (const line of lines) {
      const outcome = outcomeOf(line);
      this.#counts[outcome.outcome === 'error' ? 'errors' : outcome.outcome] += 1;
      if (this.kind === 'all' || outcome.outcome === 'error') text += told(line, outcome);
    }
    return this.kind === 'all' ? text : `${text}${JSON.stringify({ progress: { lastLine } })}\n`;
  }

  summary(reason?: EndedEarly): ImportSummary {
    const ended = reason === undefined ? { complete: true } : { complete: false, reason };
    const rehearsed = this.dryRun ? { dryRun: true as const } : {};
    return { ...ended, ...rehearsed, lines: this.#lines, ...this.#counts, lastLine: this.lastLine };
  }
}

function told(read: ImportLine, outcome: OrderOutcome): string {
  const { line } = read;
  const externalId = 'order' in read ? read.order.externalId : read.externalId;
  const rest = outcome.outcome === 'error' ? { outcome: 'error', errors: outcome.errors } : outcome;
  return `${JSON.stringify({ line, externalId, ...rest })}\n`;
}
