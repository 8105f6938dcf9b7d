// Checks of the parameters that the published tables do not list.
import { isWellFormed, refuseIf } from './checks.js';
import { PARAMETERS, UNLISTED_PARAMETERS } from './parameters.js';
import type { AdditionalParameter } from './token-request.js';

/** Names that the request's own fields and the client's options decide on, for every service alike. */
const TAKEN: ReadonlySet<string> = new Set([...Object.values(PARAMETERS), ...Object.values(UNLISTED_PARAMETERS)]);

/**
 * Checks the names of additional parameters, which are case-sensitive. Their values are the account's business.
 *
 * @throws InvalidTokenRequestError with a fault instead of a code: ExpressPlay knows nothing of these parameters
 */
export function checkAdditionalParameters(parameters: readonly AdditionalParameter[] = []): void {
  const seen = new Set<string>();
  for (const { name, value } of parameters) {
    refuseIf(name === '', name, 'empty-name');
    refuseIf(TAKEN.has(name), name, 'documented-name');
    refuseIf(seen.has(name), name, 'duplicate-name');
    refuseIf(!isWellFormed(name) || !isWellFormed(value), name, 'ill-formed-text');
    seen.add(name);
  }
}
