// Headers that tell browsers to do as little as possible with an answer.
import type { Server } from 'node:http';

/**
 * On every answer, whoever gives it. An answer may set its own: a page of documentation needs another
 * Content-Security-Policy, say.
 *
 * @param hstsMaxAgeSeconds for how long browsers are to use https alone; 0 says nothing about it
 */
export function securityHeaders(hstsMaxAgeSeconds: number): Readonly<Record<string, string>> {
  return {
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    ...(hstsMaxAgeSeconds > 0 ? { 'Strict-Transport-Security': `max-age=${hstsMaxAgeSeconds}` } : {}),
  };
}

/** Sets them before anything else is done with a request, so that answers of the framework itself carry them too. */
export function secureAnswers(server: Server, headers: Readonly<Record<string, string>>): void {
  const entries = Object.entries(headers);
  server.prependListener('request', (_request, response) => {
    for (const [name, value] of entries) response.setHeader(name, value);
  });
}
