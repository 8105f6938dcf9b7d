// The report of an import: lines of JSON, each written when what it says is committed.
import type { OrderOutcome } from '../outcomes.js';
import type { ImportSummary, PurchaseImportQuery } from '../purchases.dto.js';
import type { ImportChunk, ImportLine } from './import-lines.js';

export class ImportReport {
  readonly #counts = { created: 0, updated: 0, unchanged: 0, stale: 0, errors: 0 };
  #lines = 0;

  /** @param lastLine the number of the line before the first one */
  constructor(
    private readonly kind: PurchaseImportQuery['report'],
    private lastLine: number,
    private readonly dryRun: boolean,
  ) {}

  /** Counts a chunk that is committed, and reports its lines. */
  chunk({ lines, lastLine }: ImportChunk, outcomeOf: (line: ImportLine) => OrderOutcome): string {
    this.#lines += lines.length;
    this.lastLine = lastLine;
    let text = '';
    for (const line of lines) {
      const outcome = outcomeOf(line);
      this.#counts[outcome.outcome === 'error' ? 'errors' : outcome.outcome] += 1;
      if (this.kind === 'all' || outcome.outcome === 'error') text += reportLine(line, outcome);
    }
    return this.kind === 'all' ? text : `${text}${JSON.stringify({ progress: { lastLine } })}\n`;
  }

  summary(reason?: ImportSummary['reason']): ImportSummary {
    const ended = reason === undefined ? { complete: true } : { complete: false, reason };
    const rehearsed = this.dryRun ? { dryRun: true as const } : {};
    return { ...ended, ...rehearsed, lines: this.#lines, ...this.#counts, lastLine: this.lastLine };
  }
}

function reportLine(read: ImportLine, outcome: OrderOutcome): string {
  const { line } = read;
  const externalId = 'order' in read ? read.order.externalId : read.externalId;
  const rest = outcome.outcome === 'error' ? { outcome: 'error', errors: outcome.errors } : outcome;
  return `${JSON.stringify({ line, externalId, ...rest })}\n`;
}
