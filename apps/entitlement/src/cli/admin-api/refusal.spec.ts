import { expect, it } from 'vitest';
import { EXIT } from '../terminal/exit-codes.js';
import { refusal } from './refusal.js';

const NOW = new Date('2026-11-21T10:00:00Z');
const problem = (code: string) => JSON.stringify({ code, detail: 'Said so.' });

it.each([
  [408, problem('request-timeout'), EXIT.unavailable, /request-timeout\): Said so\. Try again/],
  [429, problem('rate-limited'), EXIT.unavailable, /rate-limited\): Said so\. Try again/],
  [503, problem('overloaded'), EXIT.unavailable, /overloaded\): Said so\. Try again/],
  [502, '<html>', EXIT.unavailable, /http:\/\/127\.0\.0\.1\/ cannot do it at the moment \(HTTP 502\)\. Try again/],
  [400, problem('invalid-request'), EXIT.usage, /invalid-request\): Said so\.$/],
  [401, problem('unauthenticated'), EXIT.usage, /refused the bearer token/],
  [404, problem('route-not-found'), EXIT.usage, /no admin API/],
  [200, '<html>', EXIT.usage, /no admin API/],
])('HTTP %i with %s ends with %i', (status, answer, exitCode, message) => {
  const error = refusal(status, answer, 'http://127.0.0.1/', 'bearer', NOW);
  expect(error.exitCode).toBe(exitCode);
  expect(error.message).toMatch(message);
});
