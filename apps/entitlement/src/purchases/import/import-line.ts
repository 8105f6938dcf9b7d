// One line of an import: its bytes become an order, or errors.
import type { FieldError } from '@app/problems';
import { readOrder, type ReadOrder } from '../purchase-order.reader.js';
import type { RawLine } from './line-splitter.js';

/** Most bytes of a line; an order is a few hundred. */
export const LINE_LIMIT_BYTES = 64 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The order of a line, everything that is wrong with it, or undefined for a blank line. */
export function readImportLine(raw: RawLine): ReadOrder | undefined {
  if (raw === 'too-long') return unreadable(`is longer than ${LINE_LIMIT_BYTES} bytes`);
  let text: string;
  try {
    text = utf8.decode(raw);
  } catch {
    return unreadable('is not valid UTF-8');
  }
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unreadable('is not valid JSON');
  }
  return readOrder(value);
}

function unreadable(message: string): { errors: FieldError[] } {
  return { errors: [{ field: '', message }] };
}
