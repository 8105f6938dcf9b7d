// The rules that hold in the end, numbered as in docs/testing.md.
import type { Evidence, Violation } from './evidence.js';
import { clocks, takenEvents } from './reckoning-orders.js';
import { deliveredTokens, dueTokens, grantedTokens, issuedTokens } from './reckoning-tokens.js';

export function reckon(evidence: Evidence): Violation[] {
  return [deliveredTokens, grantedTokens, issuedTokens, takenEvents, clocks, dueTokens].flatMap((rule) =>
    rule(evidence),
  );
}
