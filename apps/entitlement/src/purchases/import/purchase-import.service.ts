// Imports orders by the million: a stream in, a report out, and in between one chunk at a time.
import { PassThrough, Readable } from 'node:stream';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { DatabaseUnavailableError } from '@app/platform/database';
import { DomainError } from '@app/platform/problems';
import { orderOutcome, type EventOutcome } from '../outcomes.js';
import { PurchaseRepository } from '../purchase.repository.js';
import type { ImportSummary, PurchaseImportQuery } from '../purchases.dto.js';
import { chunksOf, inRounds, type ImportChunk, type ImportLine } from './import-lines.js';

/** Each import holds a connection to Postgres most of the time; players need the others. */
const MAX_IMPORTS = 2;

/** As many imports are under way as this process takes, or it is shutting down; the log has its name. */
class ImportRefusedError extends DomainError {
  constructor(code: 'overloaded' | 'service-unavailable', detail: string) {
    super(code, detail, { retryAfterSeconds: 5 });
  }
}

@Injectable()
export class PurchaseImportService implements OnModuleDestroy {
  readonly #logger = new Logger(PurchaseImportService.name);
  readonly #stop = new AbortController();
  #underWay = 0;

  constructor(
    private readonly clock: Clock,
    private readonly purchases: PurchaseRepository,
  ) {}

  /** The first that shutting down does: imports finish their chunk, and end with a report that says where. */
  onModuleDestroy(): void {
    this.#stop.abort();
  }

  /**
   * Imports the orders of a body of JSON lines.
   * @param request what its lines in the log say of the request
   * @returns the report, as JSON lines: an import goes on as fast as its report is read. It breaks when the body does
   * @throws ImportRefusedError when it cannot begin
   */
  start(body: Readable, options: PurchaseImportQuery, request: object): Readable {
    if (this.#stop.signal.aborted) throw new ImportRefusedError('service-unavailable', 'The service is shutting down.');
    if (this.#underWay >= MAX_IMPORTS) throw new ImportRefusedError('overloaded', 'Enough imports are under way.');
    this.#underWay += 1;
    const lines = this.#run(new StoppableBody(body, this.#stop.signal), options, request);
    const report = Readable.from(lines, { objectMode: false });
    return report.once('close', () => {
      this.#underWay -= 1;
    });
  }

  async *#run(
    body: StoppableBody,
    { report: kind, firstLine, dryRun }: PurchaseImportQuery,
    request: object,
  ): AsyncGenerator<string> {
    const report = new ImportReport(kind, firstLine - 1, dryRun);
    let endedEarly: ImportSummary['reason'];
    try {
      for await (const chunk of chunksOf(body, firstLine)) {
        const text = await this.#write(chunk, report, dryRun);
        if (text !== '') yield text;
      }
      if (body.left) endedEarly = 'shutting-down';
    } catch (error) {
      if (body.broken) throw error;
      endedEarly = error instanceof DatabaseUnavailableError ? 'service-unavailable' : 'internal-error';
      this.#logger.error({ ...request, err: error }, 'an import of purchases failed');
    }
    const summary = report.summary(endedEarly);
    this.#logger.log({ ...request, import: summary }, 'an import of purchases ended');
    yield `${JSON.stringify({ summary })}\n`;
  }

  /** @throws DatabaseUnavailableError; what was not reported can be sent again */
  async #write(chunk: ImportChunk, report: ImportReport, dryRun: boolean): Promise<string> {
    const at = this.clock.now();
    const rounds = inRounds(chunk.lines.flatMap((line) => ('order' in line ? [line.order] : [])));
    const results = await (dryRun ? this.purchases.rehearse(rounds, at) : this.purchases.write(rounds, at));
    return report.chunk(chunk, (line) => {
      if ('errors' in line) return { outcome: 'error', conflict: false, errors: line.errors };
      return orderOutcome(line.order, results.get(line.order) ?? 'unknown-content');
    });
  }
}

/**
 * What a body brings until a signal aborts, without breaking the connection that the answer still needs. A body that breaks off
 * breaks `content`, too.
 */
class StoppableBody {
  readonly content = new PassThrough();
  /** Whether it was left with more to come. */
  left = false;
  /** Whether it broke off: then nobody is there to be told anything. */
  broken = false;

  constructor(body: Readable, stop: AbortSignal) {
    const leave = () => {
      this.left = !body.readableEnded;
      body.unpipe(this.content);
      this.content.end();
    };
    const breakOff = () => {
      if (body.readableEnded || this.content.destroyed) return;
      this.broken = true;
      this.content.destroy(new Error('the body broke off'));
    };
    stop.addEventListener('abort', leave, { once: true });
    // Whoever reads the content is told of errors by the reading.
    this.content.on('error', () => undefined).once('close', () => stop.removeEventListener('abort', leave));
    body.once('error', breakOff).once('close', breakOff).pipe(this.content);
  }
}

/** The report of an import: lines of JSON, each written when what it says is committed. */
class ImportReport {
  readonly #counts = { created: 0, updated: 0, unchanged: 0, stale: 0, errors: 0 };
  #lines = 0;

  /** @param lastLine the number of the line before the first one */
  constructor(
    private readonly kind: PurchaseImportQuery['report'],
    private lastLine: number,
    private readonly dryRun: boolean,
  ) {}

  /** Counts a chunk that is committed, and reports its lines. */
  chunk({ lines, lastLine }: ImportChunk, outcomeOf: (line: ImportLine) => EventOutcome): string {
    this.#lines += lines.length;
    this.lastLine = lastLine;
    let text = '';
    for (const read of lines) {
      const became = outcomeOf(read);
      this.#counts[became.outcome === 'error' ? 'errors' : became.outcome] += 1;
      if (this.kind !== 'all' && became.outcome !== 'error') continue;
      const { externalId } = 'order' in read ? read.order : read;
      const rest = became.outcome === 'error' ? { outcome: 'error', errors: became.errors } : became;
      text += `${JSON.stringify({ line: read.line, externalId, ...rest })}\n`;
    }
    return this.kind === 'all' ? text : `${text}${JSON.stringify({ progress: { lastLine } })}\n`;
  }

  summary(reason?: ImportSummary['reason']): ImportSummary {
    const ended = reason === undefined ? { complete: true } : { complete: false, reason };
    const rehearsed = this.dryRun ? { dryRun: true as const } : {};
    return { ...ended, ...rehearsed, lines: this.#lines, ...this.#counts, lastLine: this.lastLine };
  }
}
