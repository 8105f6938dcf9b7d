// Reads JSON bodies.
import { DomainError } from '@app/problems';
import { checkJsonShape, type JsonLimits } from './json-shape.js';

/** Refuses what is not UTF-8, and takes a byte order mark away. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The value of a body.
 * @throws DomainError `invalid-request` for what is empty, not UTF-8, not JSON, or beyond the limits
 */
export function parseJsonBody(body: Buffer, limits: JsonLimits): unknown {
  if (body.length === 0) throw new DomainError('invalid-request', 'The body is empty; a JSON object is expected.');
  const text = decode(body);
  checkJsonShape(text, limits);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new DomainError('invalid-request', 'The body is not valid JSON.');
  }
}

function decode(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new DomainError('invalid-request', 'The body is not valid UTF-8.');
  }
}
