// Versions as HTTP has them: `ETag` on the way out, `If-Match` on the way in (RFC 9110, 8.8.3 and 13.1.1).
import { invalidFields } from '@app/platform/problems';
import type { VersionCheck } from './optimistic-write.js';

const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const TAGS = new RegExp(`^${TAG}(?:[ \\t]*,[ \\t]*${TAG})*$`);

/** A version's entity tag. */
export function versionTag(version: number): string {
  return `"${version}"`;
}

/**
 * What `If-Match` asks for: any of the tags listed, or, with `*`, anything that is there.
 * @throws DomainError `invalid-request` when it is not written as it should be
 */
export function versionCheck(ifMatch: string | undefined): VersionCheck {
  if (ifMatch === undefined) return () => true;
  if (ifMatch === '*') return (version) => version !== undefined;
  if (!TAGS.test(ifMatch)) {
    throw invalidFields([{ field: 'If-Match', message: 'must be * or the ETag of an answer, with its quotes' }]);
  }
  // A weak tag matches nothing here: it promises less than If-Match asks for.
  const tags = new Set(ifMatch.match(new RegExp(TAG, 'g')));
  return (version) => version !== undefined && tags.has(versionTag(version));
}
