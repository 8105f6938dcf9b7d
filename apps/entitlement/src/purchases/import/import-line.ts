// One line of an import: its bytes become an order, or errors.
import { JsonError, parseJson } from '@app/platform/http';
import type { FieldError } from '@app/platform/problems';
import { readOrder, type ReadOrder } from '../purchase-order.reader.js';
import type { RawLine } from './line-splitter.js';

/** Most bytes of a line; an order is a few hundred. */
export const LINE_LIMIT_BYTES = 64 * 1024;

/** The order of a line, everything that is wrong with it, or undefined for a blank line. */
export function readImportLine(raw: RawLine): ReadOrder | undefined {
  if (raw === 'too-long') return unreadable(`is longer than ${LINE_LIMIT_BYTES} bytes`);
  if (raw.toString().trim() === '') return undefined;
  try {
    return readOrder(parseJson(raw));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return unreadable(error.message, error.field);
  }
}

function unreadable(message: string, field = ''): { errors: FieldError[] } {
  return { errors: [{ field, message }] };
}
