import { onTestFinished } from 'vitest';
import { type HttpAnswer, HttpTransport, type TransportOptions } from '../src/transport.js';

/** A transport that is closed when the test ends. */
export function transport(options: Partial<TransportOptions> = {}): HttpTransport {
  const made = new HttpTransport({ connectTimeoutMs: 2000, timeoutMs: 2000, maxConnections: 2, ...options });
  onTestFinished(() => made.close());
  return made;
}

/** What comes of a call that fails. */
export const failureOf = (answer: Promise<HttpAnswer>): Promise<unknown> => answer.catch((error: unknown) => error);
