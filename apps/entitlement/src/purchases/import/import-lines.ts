// The lines of an import: cut out of a stream, read, and kept in chunks that are written together.
import type { Readable } from 'node:stream';
import { JsonError, parseJson } from '@app/platform/http';
import type { PurchaseOrder } from '../purchase.js';
import { readOrder, type ReadOrder } from '../purchase-orders.dto.js';

/** The bytes of a line without its end, or that there were too many of them. */
export type RawLine = Buffer | 'too-long';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Lines end with LF or CRLF; the last one may end with the stream. */
export class LineSplitter {
  #parts: Buffer[] = [];
  #length = 0;

  /** @param limit most bytes of a line */
  constructor(private readonly limit: number) {}

  /** The lines that these bytes complete. */
  push(bytes: Buffer): RawLine[] {
    const lines: RawLine[] = [];
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      this.#keep(bytes.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start));
    return lines;
  }

  /** What came after the last line's end, if anything did. */
  end(): RawLine | undefined {
    return this.#length === 0 ? undefined : this.#take();
  }

  /** Bytes of the unfinished line that are kept. */
  get held(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0);
  }

  #keep(bytes: Buffer): void {
    this.#length += bytes.length;
    // CRLF's first byte does not count, so there is room for it.
    if (this.#length > this.limit + 1) this.#parts = [];
    else this.#parts.push(bytes);
  }

  #take(): RawLine {
    const isTooLong = this.#length > this.limit + 1;
    const [first, ...rest] = this.#parts;
    const line = first !== undefined && rest.length === 0 ? first : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    const text = line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
    return isTooLong || text.length > this.limit ? 'too-long' : text;
  }
}

/** Most bytes of a line; an order is a few hundred. */
export const LINE_LIMIT_BYTES = 64 * 1024;

/** The order of a line, everything that is wrong with it, or undefined for a blank line. */
export function readImportLine(raw: RawLine): ReadOrder | undefined {
  if (raw === 'too-long') return { errors: [{ field: '', message: `is longer than ${LINE_LIMIT_BYTES} bytes` }] };
  if (raw.toString().trim() === '') return undefined;
  try {
    return readOrder(parseJson(raw));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { errors: [{ field: error.field, message: error.message }] };
  }
}

const MAX_LINES = 1000;
const MAX_BYTES = 1024 * 1024;

/** A line with its number, read. */
export type ImportLine = ReadOrder & { line: number };

/** Lines that are written together. */
export interface ImportChunk {
  lines: ImportLine[];
  /** The number of the last line read, which may have been a blank one. */
  lastLine: number;
}

/**
 * The chunks of a body as it comes; there is always a last one, which may have no lines. Blank lines are counted and left out. Of
 * a body that is left early, a line without its end is none.
 */
export async function* chunksOf(
  body: { content: Readable; left: boolean },
  firstLine: number,
): AsyncGenerator<ImportChunk> {
  const splitter = new LineSplitter(LINE_LIMIT_BYTES);
  let chunk: ImportChunk = { lines: [], lastLine: firstLine - 1 };
  let size = 0;
  const add = (raw: RawLine): void => {
    chunk.lastLine += 1;
    const read = readImportLine(raw);
    if (read === undefined) return;
    chunk.lines.push({ line: chunk.lastLine, ...read });
    size += raw.length;
  };
  for await (const bytes of body.content) {
    for (const raw of splitter.push(bytes as Buffer)) {
      add(raw);
      if (chunk.lines.length < MAX_LINES && size < MAX_BYTES) continue;
      yield chunk;
      chunk = { lines: [], lastLine: chunk.lastLine };
      size = 0;
    }
  }
  const rest = body.left ? undefined : splitter.end();
  if (rest !== undefined) add(rest);
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
