// Reads JSON bodies.
import { DomainError, invalidFields } from '@app/platform/problems';
import { JsonError, type JsonRules, parseJson } from './json.js';

/**
 * The value of a body.
 * @throws DomainError `invalid-request` for what is empty, not UTF-8, not JSON, or against the rules
 */
export function parseJsonBody(body: Uint8Array, rules: JsonRules): unknown {
  if (body.length === 0) throw new DomainError('invalid-request', 'The body is empty; a JSON object is expected.');
  try {
    return parseJson(body, rules);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const { field, message } = error;
    if (field !== '') throw invalidFields([{ field, message }]);
    throw new DomainError('invalid-request', `The body ${message}.`);
  }
}
