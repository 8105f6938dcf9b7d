// Imports orders by the million: a stream in, a report out, and in between one chunk at a time.
import { Readable } from 'node:stream';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { Clock } from '@app/platform/clock';
import { DatabaseUnavailableError } from '@app/platform/database';
import { ImportRefusedError, orderOutcome, type OrderOutcome } from '../outcomes.js';
import { PurchaseRepository, type OrderResult } from '../purchase.repository.js';
import type { PurchaseOrder } from '../purchase.js';
import type { ImportSummary, PurchaseImportQuery } from '../purchases.dto.js';
import { chunksOf, inRounds, type ImportChunk } from './import-lines.js';
import { ImportReport } from './import-report.js';
import { StoppableBody } from './stoppable-body.js';

/** Each import holds a connection to Postgres most of the time; players need the others. */
const MAX_IMPORTS = 2;

@Injectable()
export class PurchaseImportService implements OnModuleDestroy {
  readonly #stop = new AbortController();
  #underWay = 0;

  constructor(
    private readonly clock: Clock,
    private readonly purchases: PurchaseRepository,
    private readonly logger: PinoLogger,
  ) {}

  /** The first that shutting down does: imports finish their chunk, and end with a report that says where. */
  onModuleDestroy(): void {
    this.#stop.abort();
  }

  /**
   * Imports the orders of a body of JSON lines.
   * @returns the report, as JSON lines: an import goes on as fast as its report is read. It breaks when the body does
   * @throws ImportRefusedError when it cannot begin
   */
  start(body: Readable, options: PurchaseImportQuery): Readable {
    if (this.#stop.signal.aborted) throw new ImportRefusedError('service-unavailable', 'The service is shutting down.');
    if (this.#underWay >= MAX_IMPORTS) throw new ImportRefusedError('overloaded', 'Enough imports are under way.');
    this.#underWay += 1;
    const report = Readable.from(this.#run(new StoppableBody(body, this.#stop.signal), options), { objectMode: false });
    return report.once('close', () => {
      this.#underWay -= 1;
    });
  }

  async *#run(body: StoppableBody, { report: kind, firstLine, dryRun }: PurchaseImportQuery): AsyncGenerator<string> {
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
      this.logger.error({ err: error }, 'an import of purchases failed');
    }
    const summary = report.summary(endedEarly);
    this.logger.info({ import: summary }, 'an import of purchases ended');
    yield `${JSON.stringify({ summary })}\n`;
  }

  /** @throws DatabaseUnavailableError; what was not reported can be sent again */
  async #write(chunk: ImportChunk, report: ImportReport, dryRun: boolean): Promise<string> {
    const orders = chunk.lines.flatMap((line) => ('order' in line ? [line.order] : []));
    const outcomes = new Map<PurchaseOrder, OrderOutcome>();
    const at = this.clock.now();
    const rounds = inRounds(orders);
    const results: OrderResult[][] = dryRun ? await this.purchases.rehearse(rounds, at) : [];
    if (!dryRun) for (const round of rounds) results.push(await this.purchases.write(round, at));
    for (const [number, round] of rounds.entries()) {
      for (const [index, order] of round.entries()) {
        const result = results[number]?.[index];
        if (result !== undefined) outcomes.set(order, orderOutcome(order, result));
      }
    }
    return report.chunk(chunk, (line) => {
      const errors = 'order' in line ? [] : line.errors;
      return ('order' in line && outcomes.get(line.order)) || { outcome: 'error', conflict: false, errors };
    });
  }
}
