// The lines that are written together, and how they are told apart when an order comes more than once among them.
import type { PurchaseOrder } from '../purchase-order.js';
import type { ReadOrder } from '../purchase-order.reader.js';
import { LINE_LIMIT_BYTES, readImportLine } from './import-line.js';
import { LineSplitter, type RawLine } from './line-splitter.js';
import type { StoppableBody } from './stoppable-body.js';

const MAX_LINES = 1000;
const MAX_BYTES = 1024 * 1024;

/** A line with its number, read. */
export type ImportLine = ReadOrder & { line: number };

/** Lines that have been read and not yet written. */
export class ImportChunk {
  readonly lines: ImportLine[] = [];
  #bytes = 0;

  /** @param lastLine the number of the line before the first one */
  constructor(public lastLine: number) {}

  /** Reads a line; a blank one is counted and left out. */
  add(raw: RawLine): void {
    this.lastLine += 1;
    const read = readImportLine(raw);
    if (read === undefined) return;
    this.lines.push({ line: this.lastLine, ...read });
    this.#bytes += raw.length;
  }

  get isFull(): boolean {
    return this.lines.length >= MAX_LINES || this.#bytes >= MAX_BYTES;
  }
}

/**
 * The chunks of a body as it comes; there is always a last one, which may have no lines. Of a body that is left early, a
 * line without its end is none.
 */
export async function* chunksOf(body: StoppableBody, firstLine: number): AsyncGenerator<ImportChunk> {
  const splitter = new LineSplitter(LINE_LIMIT_BYTES);
  let chunk = new ImportChunk(firstLine - 1);
  for await (const bytes of body.content) {
    for (const raw of splitter.push(bytes as Buffer)) {
      chunk.add(raw);
      if (!chunk.isFull) continue;
      yield chunk;
      chunk = new ImportChunk(chunk.lastLine);
    }
  }
  const rest = body.left ? undefined : splitter.end();
  if (rest !== undefined) chunk.add(rest);
  yield chunk;
}

/**
 * Deals orders into rounds, one to be written after the other: an order that comes again, in a newer version say, is of a
 * later round. Within a round no external id comes twice.
 */
export function inRounds(orders: readonly PurchaseOrder[]): PurchaseOrder[][] {
  const rounds: PurchaseOrder[][] = [];
  const times = new Map<string, number>();
  for (const order of orders) {
    const round = times.get(order.externalId) ?? 0;
    times.set(order.externalId, round + 1);
    (rounds[round] ??= []).push(order);
  }
  return rounds;
}
