// The longest times that the deadlines of a token request's parts add up to.
import type { ConfigurationProblem } from '@app/platform/configuration';

/** Deadlines of what happens from deciding to the ledger, as `Environment` has them. */
interface PurchaseDeadlines {
  readonly EXPRESSPLAY_TIMEOUT_MS: number;
  readonly DATABASE_TIMEOUT_MS: number;
}

/** Deadlines of a whole request for a token. */
interface RequestDeadlines extends PurchaseDeadlines {
  readonly REQUEST_ANSWER_TIMEOUT_MS: number;
  readonly REQUEST_RECEIVE_TIMEOUT_MS: number;
  /** Keys in a file are not waited for. */
  readonly AUTH_JWKS_URL?: string;
  readonly AUTH_JWKS_TIMEOUT_MS: number;
}

/**
 * Longest time from deciding to the ledger, in ms. ExpressPlay is asked twice when it refuses an authenticator; the
 * database is waited for twice, each time for a connection and for a statement, and once for the tries to write the ledger
 * that came to nothing.
 */
export function longestPurchaseMs({ EXPRESSPLAY_TIMEOUT_MS, DATABASE_TIMEOUT_MS }: PurchaseDeadlines): number {
  return 2 * EXPRESSPLAY_TIMEOUT_MS + 5 * DATABASE_TIMEOUT_MS;
}

/** What a request's deadline leaves beside its body, the issuer's keys and one purchase at their longest, in ms. */
export function spareMs(deadlines: RequestDeadlines): number {
  const keysMs = deadlines.AUTH_JWKS_URL === undefined ? 0 : deadlines.AUTH_JWKS_TIMEOUT_MS;
  const othersMs = deadlines.REQUEST_RECEIVE_TIMEOUT_MS + keysMs + longestPurchaseMs(deadlines);
  return deadlines.REQUEST_ANSWER_TIMEOUT_MS - othersMs;
}

/**
 * A rule: whoever still waits for a token has to get it. With a shorter deadline for answers the service would buy tokens
 * that it gives to nobody. The deadline runs from the headers, so the body and the issuer's keys take their part of it.
 */
export function answersOutlastPurchases(environment: Partial<RequestDeadlines>): ConfigurationProblem[] {
  const { REQUEST_ANSWER_TIMEOUT_MS, REQUEST_RECEIVE_TIMEOUT_MS, AUTH_JWKS_URL, AUTH_JWKS_TIMEOUT_MS } = environment;
  const { EXPRESSPLAY_TIMEOUT_MS, DATABASE_TIMEOUT_MS } = environment;
  const all = { REQUEST_ANSWER_TIMEOUT_MS, REQUEST_RECEIVE_TIMEOUT_MS, EXPRESSPLAY_TIMEOUT_MS, DATABASE_TIMEOUT_MS };
  // What is not a number is reported by itself; a sum with it is none.
  if (!(spareMs({ ...all, AUTH_JWKS_URL, AUTH_JWKS_TIMEOUT_MS } as RequestDeadlines) <= 0)) return [];
  const sum = [
    'REQUEST_RECEIVE_TIMEOUT_MS',
    ...(AUTH_JWKS_URL === undefined ? [] : ['AUTH_JWKS_TIMEOUT_MS']),
    'twice EXPRESSPLAY_TIMEOUT_MS',
    'five times DATABASE_TIMEOUT_MS',
  ];
  const problem = `must be more than ${sum.slice(0, -1).join(', ')} and ${sum.at(-1)} together, or tokens are bought that nobody gets`;
  return [{ variable: 'REQUEST_ANSWER_TIMEOUT_MS', problem }];
}
