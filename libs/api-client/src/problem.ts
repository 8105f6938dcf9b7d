// Problem documents on the caller's side: what went wrong, by a code out of a closed list.
import type { Schemas } from './client.js';

/** A problem document (RFC 9457). Decide by `code`. */
export type Problem = Schemas['Problem'];

/** Everything that can go wrong. */
export type ProblemCode = Problem['code'];

/** A problem of one code. */
export type ProblemOf<Code extends ProblemCode> = Problem & { code: Code };

/**
 * Whether a value is a problem of this service, of any code or of one of those given.
 *
 * ```ts
 * const { data, error } = await client.POST('/v1/license-tokens', { body });
 * if (isProblem(error, 'not-entitled')) showWhy(error.reason);
 * ```
 */
export function isProblem<Code extends ProblemCode = ProblemCode>(
  value: unknown,
  ...codes: readonly Code[]
): value is ProblemOf<Code> {
  if (typeof value !== 'object' || value === null || !('code' in value) || !('type' in value)) return false;
  const { code, type } = value;
  const ours = typeof code === 'string' && type === `urn:expressplay-bff:problem:${code}`;
  return ours && (codes.length === 0 || (codes as readonly string[]).includes(code));
}
