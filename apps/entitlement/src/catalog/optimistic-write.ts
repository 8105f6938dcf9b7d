// Writes what a caller wants to be there: nothing when it is there already, and nothing that it was not told of.
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
