// How long a request may take in all, which is its budget, and what of it the parts of a token request may take.
import type { ConfigurationProblem } from '@app/platform/configuration';
import { pathOf } from './environment/formats.js';

/** Longest time, in ms, that a caller may take to send the headers of a request, and again its body. */
export const RECEIVE_TIMEOUT_MS = 10_000;
/** Longest wait for the public keys at `AUTH_JWKS_URL`, in ms. */
export const JWKS_TIMEOUT_MS = 3000;
/** What a budget leaves beside its parts at their longest, in ms. */
const SPARE_MS = 2000;
/** Longest time for what the two settings below add up to, in ms: load balancers wait for a minute. */
const LONGEST_PURCHASE_MS = 40_000;

/** Deadlines of what happens from deciding to the ledger, as `Environment` has them. */
interface PurchaseDeadlines {
  readonly EXPRESSPLAY_TIMEOUT_MS: number;
  readonly DATABASE_TIMEOUT_MS: number;
}

/** Longest time to decide, in ms: the wait for a connection, and the statement. */
function decisionMs({ DATABASE_TIMEOUT_MS }: PurchaseDeadlines): number {
  return 2 * DATABASE_TIMEOUT_MS;
}

/**
 * Longest time to write the ledger, in ms: the tries that came to nothing, the wait for a connection, and the statement. It is kept
 * while ExpressPlay is asked, so that whoever waits for a token gets it.
 */
export function ledgerMs({ DATABASE_TIMEOUT_MS }: PurchaseDeadlines): number {
  return 3 * DATABASE_TIMEOUT_MS;
}

/** Longest time from deciding to the ledger, in ms, all tries at ExpressPlay included. */
export function longestPurchaseMs(deadlines: PurchaseDeadlines): number {
  return decisionMs(deadlines) + deadlines.EXPRESSPLAY_TIMEOUT_MS + ledgerMs(deadlines);
}

/** The budget of a request: longest time from its headers to its answer, in ms. */
export function answerTimeoutMs(deadlines: PurchaseDeadlines & { readonly AUTH_JWKS_URL: string }): number {
  // Keys in a file are not waited for.
  const keysMs = pathOf(deadlines.AUTH_JWKS_URL) !== undefined ? 0 : JWKS_TIMEOUT_MS;
  return RECEIVE_TIMEOUT_MS + keysMs + longestPurchaseMs(deadlines) + SPARE_MS;
}

/** A rule: the answer comes while those in between still wait for it. */
export function answersInTime(deadlines: Partial<PurchaseDeadlines>): ConfigurationProblem[] {
  // What is not a number is reported by itself; a sum with it is none.
  if (!(longestPurchaseMs(deadlines as PurchaseDeadlines) > LONGEST_PURCHASE_MS)) return [];
  const problem = `must be at most ${LONGEST_PURCHASE_MS} with five times DATABASE_TIMEOUT_MS, or load balancers give up before the answer`;
  return [{ variable: 'EXPRESSPLAY_TIMEOUT_MS', problem }];
}
