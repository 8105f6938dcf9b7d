import { describe, expect, it } from 'vitest';
import { isProblem } from './problem.js';

const DENIED = { type: 'urn:expressplay-bff:problem:not-entitled', code: 'not-entitled', reason: 'no-purchase' };

describe('isProblem', () => {
  it.each([
    ['any code', [], true],
    ['its code', ['not-entitled'], true],
    ['one of several', ['rate-limited', 'not-entitled'], true],
    ['another code', ['rate-limited'], false],
  ] as const)('of %s', (_name, codes, expected) => {
    expect(isProblem(DENIED, ...codes)).toBe(expected);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'not-entitled'],
    ["a proxy's page", '<html>502</html>'],
    ["somebody else's problem", { ...DENIED, type: 'about:blank' }],
    ['another code than its type', { ...DENIED, code: 'rate-limited' }],
  ])('is not %s', (_name, value) => {
    expect(isProblem(value)).toBe(false);
  });
});
