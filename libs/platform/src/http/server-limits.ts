// How much and how long a server takes from those who call it.
import type { ServerOptions } from 'node:http';

/** Limits of one server; the times are in ms. */
export interface ServerLimits {
  /** From the opening of a connection, or the first byte of a later request, to the end of a request's headers. */
  readonly headersTimeoutMs: number;
  /** From the end of a request's headers to the end of its body. */
  readonly bodyTimeoutMs: number;
  /** From the end of a request's headers to its answer; 0 sets no limit. */
  readonly answerTimeoutMs: number;
  /** How long a connection without a request is kept. */
  readonly keepAliveTimeoutMs: number;
  /** Most connections at once; more are closed unheard. */
  readonly maxConnections: number;
  /** How deep objects and lists of a JSON body may be nested. */
  readonly maxJsonDepth: number;
  /** How many members of objects and items of lists a JSON body may have in all. */
  readonly maxJsonMembers: number;
}

/** What holds where nothing else is said. */
export const DEFAULT_LIMITS: ServerLimits = {
  headersTimeoutMs: 10_000,
  bodyTimeoutMs: 10_000,
  answerTimeoutMs: 0,
  // Longer than the usual 60 s of load balancers, so that they close first.
  keepAliveTimeoutMs: 72_000,
  maxConnections: 10_000,
  maxJsonDepth: 16,
  maxJsonMembers: 1000,
};

/** Largest request line and headers together, in bytes. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Silence on a connection, in ms, after which it is closed; longer than any answer takes. */
export const SILENCE_TIMEOUT_MS = 60_000;
/** How often, in ms, Node looks for connections whose time is up. */
const CHECK_INTERVAL_MS = 1000;

/** The limits that Node's own server keeps. */
export function serverOptions({ headersTimeoutMs, keepAliveTimeoutMs }: ServerLimits): ServerOptions {
  return {
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // Bodies have a time limit each (`keepDeadlines`), and imports have none.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, headersTimeoutMs),
    maxHeaderSize: MAX_HEADER_BYTES,
    // Its absence is answered with a problem document by those who mind.
    requireHostHeader: false,
  };
}
