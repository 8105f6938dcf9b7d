// What every answer to an attack has to be.
import { expect } from 'vitest';
import type { RawAnswer } from './raw-http.js';

/** Headers that every answer carries. */
export const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** What a banner, a stack or a library's own message would look like. */
const LEAKS = /fastify|nestjs|node_modules|\bat \S+ \(|\.(?:js|ts):\d|FST_ERR|HPE_|prisma|SyntaxError/i;

/** A problem document of a code, with all security headers, and nothing about what the service is made of. */
export function expectProblem({ status, headers, body }: RawAnswer, expectedStatus: number, code: string): void {
  expect([status, body]).toEqual([expectedStatus, expect.stringContaining(`"code":"${code}"`)]);
  expect(headers).toMatchObject({ ...SECURITY_HEADERS, 'content-type': 'application/problem+json; charset=utf-8' });
  expect(Object.keys(headers)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(server|x-powered-by|via)$/)]),
  );
  const document = JSON.parse(body) as Record<string, unknown>;
  expect(document).toMatchObject({ status: expectedStatus, code, type: `urn:expressplay-bff:problem:${code}` });
  expect(body + JSON.stringify(headers)).not.toMatch(LEAKS);
}
