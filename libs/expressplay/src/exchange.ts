// A place to watch each exchange with a token service from, and to say which trace it belongs to.
import type { TokenService } from './event-codes.js';

/** One request and its answer, as far as those who watch may know: nothing of what is sent, nor of what comes back. */
export interface Exchange {
  readonly service: TokenService;
  /** Where to: scheme, host, port and path. */
  readonly url: string;
}

/**
 * Is run around each exchange. It calls `send` exactly once and settles as that does: what `send` answers with is a secret and
 * none of its business, what it throws is an `ExpressPlayError`.
 *
 * `send` takes the one header that may be added, a `traceparent` of W3C Trace Context. What is not one is not sent.
 */
export type ExchangeWrapper = <T>(exchange: Exchange, send: (traceparent?: string) => Promise<T>) => Promise<T>;

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The headers of an exchange beside those of every one. */
export function traceHeaders(traceparent: string | undefined): Record<string, string> {
  return traceparent !== undefined && TRACEPARENT.test(traceparent) ? { traceparent } : {};
}
