// Writes what a caller wants to be there, unless what is there is of another version than the caller knows: versions count
// changes, and HTTP has them as `ETag` on the way out and `If-Match` on the way in (RFC 9110, 8.8.3 and 13.1.1).
import type { FastifyReply } from 'fastify';
import { DomainError, invalidFields } from '@app/platform/problems';

/** Whether the caller takes a thing of this version for what it knows; undefined is a thing that is not there. */
export type VersionCheck = (version: number | undefined) => boolean;

/**
 * @returns what was there before, undefined when it was made, and the version that is there now
 * @throws DomainError `precondition-failed`, and whatever the task throws
 */
export async function writeOptimistically<Entry extends { version: number }>(
  check: VersionCheck,
  task: {
    find(): Promise<Entry | undefined>;
    isWanted(present: Entry): boolean;
    /** Writes what is wanted with the next version, provided that what is there is still `present`, and returns whether it was. */
    write(present: Entry | undefined): Promise<boolean>;
  },
): Promise<{ before: Entry | undefined; version: number }> {
  const present = await task.find();
  if (!check(present?.version)) {
    throw new DomainError('precondition-failed', 'It has another version than If-Match says; read it again.');
  }
  if (present !== undefined && task.isWanted(present)) return { before: present, version: present.version };
  // Where somebody was faster, what is there now is read again.
  if (!(await task.write(present))) return writeOptimistically(check, task);
  return { before: present, version: (present?.version ?? 0) + 1 };
}

const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const TAGS = new RegExp(`^${TAG}(?:[ \\t]*,[ \\t]*${TAG})*$`);

/** Marks an answer with the version it is of; `created` makes it a 201. */
export function markVersion(reply: FastifyReply, version: number, created = false): void {
  void reply.header('ETag', `"${version}"`).status(created ? 201 : 200);
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
  return (version) => version !== undefined && tags.has(`"${version}"`);
}
