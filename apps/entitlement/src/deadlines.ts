// How long the parts of a token request may take, and the deadline of an answer that they add up to.
import type { ConfigurationProblem } from '@app/platform/configuration';
import { pathOf } from './environment/formats.js';

/** Longest time, in ms, that a caller may take to send the headers of a request, and again its body. */
export const RECEIVE_TIMEOUT_MS = 10_000;
/** Longest wait for the public keys at `AUTH_JWKS_URL`, in ms. */
export const JWKS_TIMEOUT_MS = 3000;
/** What an answer's deadline leaves beside its parts at their longest, in ms. */
export const SPARE_MS = 2000;
/** Longest time for what the two settings below add up to, in ms: load balancers wait for a minute. */
const LONGEST_PURCHASE_MS = 40_000;

/** Deadlines of what happens from deciding to the ledger, as `Environment` has them. */
interface PurchaseDeadlines {
  readonly EXPRESSPLAY_TIMEOUT_MS: number;
  readonly DATABASE_TIMEOUT_MS: number;
}

/**
 * Longest time from deciding to the ledger, in ms. ExpressPlay is asked twice when it refuses an authenticator; the
 * database is waited for twice, each time for a connection and for a statement, and once for the tries to write the ledger
 * that came to nothing.
 */
export function longestPurchaseMs({ EXPRESSPLAY_TIMEOUT_MS, DATABASE_TIMEOUT_MS }: PurchaseDeadlines): number {
  return 2 * EXPRESSPLAY_TIMEOUT_MS + 5 * DATABASE_TIMEOUT_MS;
}

/**
 * Longest time from the headers of a request to its answer, in ms. Whoever still waits for a token has to get it: with a shorter
 * deadline the service would buy tokens that it gives to nobody.
 */
export function answerTimeoutMs(deadlines: PurchaseDeadlines & { readonly AUTH_JWKS_URL: string }): number {
  // Keys in a file are not waited for.
  const keysMs = pathOf(deadlines.AUTH_JWKS_URL) !== undefined ? 0 : JWKS_TIMEOUT_MS;
  return RECEIVE_TIMEOUT_MS + keysMs + longestPurchaseMs(deadlines) + SPARE_MS;
}

/** A rule: the answer comes while those in between still wait for it. */
export function answersInTime(deadlines: Partial<PurchaseDeadlines>): ConfigurationProblem[] {
  // What is not a number is reported by itself; a sum with it is none.
  if (!(longestPurchaseMs(deadlines as PurchaseDeadlines) > LONGEST_PURCHASE_MS)) return [];
  const problem = `must be at most ${LONGEST_PURCHASE_MS} when it is doubled and five times DATABASE_TIMEOUT_MS is added, or load balancers give up before the answer`;
  return [{ variable: 'EXPRESSPLAY_TIMEOUT_MS', problem }];
}
