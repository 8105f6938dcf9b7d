// Remembers which answers were problems, for those who count answers.
import type { ProblemCode } from './problem-codes.js';

const codes = new WeakMap<object, ProblemCode>();

/** Takes note of the problem that an answer tells. @param response Node's, or a framework's that has it as `raw` */
export function noteProblem(response: object, code: ProblemCode): void {
  codes.set(rawOf(response), code);
}

/** The problem that an answer told; undefined when it told none. */
export function problemOf(response: object): ProblemCode | undefined {
  return codes.get(rawOf(response));
}

function rawOf(response: object): object {
  return 'raw' in response && typeof response.raw === 'object' && response.raw !== null ? response.raw : response;
}
