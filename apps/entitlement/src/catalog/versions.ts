// Writes what a caller wants to be there, unless what is there is of another version than the caller knows: versions count
// changes, and HTTP has them as `ETag` on the way out and `If-Match` on the way in (RFC 9110, 8.8.3 and 13.1.1).
import type { FastifyReply } from 'fastify';
import { invalidFields } from '@app/platform/problems';
import { PreconditionFailedError } from './catalog.errors.js';

/** Whether the caller takes a thing of this version for what it knows; undefined is a thing that is not there. */
export type VersionCheck = (version: number | undefined) => boolean;

/** One thing that is to be written. */
export interface OptimisticWrite<Entry> {
  find(): Promise<Entry | undefined>;
  /** Whether what is there is what is wanted. */
  isWanted(present: Entry): boolean;
  /**
   * Writes the wanted with the next version, provided that what is there is still `present`.
   * @returns whether it was
   */
  write(present: Entry | undefined): Promise<boolean>;
}

/** How a write ended. */
export interface WriteOutcome<Entry> {
  /** What was there before; undefined when it was made. */
  before: Entry | undefined;
  /** The version that is there now. */
  version: number;
}

/** @throws PreconditionFailedError, and whatever the write throws */
export async function writeOptimistically<Entry extends { version: number }>(
  task: OptimisticWrite<Entry>,
  check: VersionCheck,
): Promise<WriteOutcome<Entry>> {
  const present = await task.find();
  if (!check(present?.version)) throw new PreconditionFailedError();
  if (present !== undefined && task.isWanted(present)) return { before: present, version: present.version };
  const written = await task.write(present);
  // Somebody was faster: what is there now is read again.
  if (!written) return writeOptimistically(task, check);
  return { before: present, version: (present?.version ?? 0) + 1 };
}

const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const TAGS = new RegExp(`^${TAG}(?:[ \\t]*,[ \\t]*${TAG})*$`);

/** Marks an answer with the version it is of; `created` makes it a 201. */
export function markVersion(reply: FastifyReply, version: number, created = false): void {
  void reply.header('ETag', versionTag(version)).status(created ? 201 : 200);
}

function versionTag(version: number): string {
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
