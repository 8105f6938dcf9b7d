// Reads a mounted secret as bytes that its reader can clear.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** The largest file that is taken for a secret: what is larger is something else. */
const MOST_BYTES = 64 * 1024;

/** Opens a file and answers with its descriptor, as `openSync`. */
export type OpenFile = (path: string, flags: number) => number;

/** What a look at the file found. */
export type SecretFileReading =
  /** Its bytes without the line breaks at the end. Whoever has read them clears them. */
  | { readonly kind: 'content'; readonly bytes: Buffer }
  /** Nothing in it. */
  | { readonly kind: 'empty' }
  /** No such file. */
  | { readonly kind: 'missing' }
  /** It is there and cannot be used; `problem` completes a sentence that begins with the variable. */
  | { readonly kind: 'unusable'; readonly problem: string };

/**
 * Reads a file, at once and whole: with Kubernetes' mounts the path leads through symbolic links that are replaced in one
 * step, so one opened file is one state of the secret. Never throws, since an error of the file system would say the path.
 *
 * @param open how files are opened; for tests
 */
export function readSecretFile(path: string, open: OpenFile = openSync): SecretFileReading {
  let descriptor: number;
  try {
    descriptor = openTwice(path, open);
  } catch (error) {
    return isMissing(error) ? { kind: 'missing' } : unreadable();
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) return unreadable();
    if (status.size > MOST_BYTES) return { kind: 'unusable', problem: `names a file of more than ${MOST_BYTES} bytes` };
    return contentOf(readFileSync(descriptor));
  } catch {
    return unreadable();
  } finally {
    closeSync(descriptor);
  }
}

/** The link may be replaced while it is being followed, and the folder that it led to be gone: then it leads to the next one. */
function openTwice(path: string, open: OpenFile): number {
  // Without waiting, or a pipe in the file's place would stop the process until somebody writes to it.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  try {
    return open(path, flags);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return open(path, flags);
  }
}

function contentOf(bytes: Buffer): SecretFileReading {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end -= 1;
  return end === 0 ? { kind: 'empty' } : { kind: 'content', bytes: bytes.subarray(0, end) };
}

function unreadable(): SecretFileReading {
  return { kind: 'unusable', problem: 'names a file that cannot be read' };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
