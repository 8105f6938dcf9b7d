// Reads a secret at start, as bytes that are cleared afterwards, and follows its file while the process runs.
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Clock } from '@app/platform/clock';
import { Logger } from '@nestjs/common';
import { type ConfigurationProblem, InvalidValueError } from './configuration-error.js';
import { LiveValue, retire } from './live-value.js';
import { type DeclaredSecret, explanation, fileVariable } from './variable.js';

/** One look at a file that was not as the one before. */
export interface SecretFileEvent {
  /** The variable that names the file. Neither the path nor the content is said. */
  readonly variable: string;
  /** `taken-up`: a new value is in force; `unset`: there is none any more; `refused`: the value before stays in force. */
  readonly outcome: 'taken-up' | 'unset' | 'refused';
  /** Why the content was refused; completes a sentence that begins with the variable. */
  readonly problem?: string;
}

const logger = new Logger('Secrets');

export function logSecretFileEvent({ variable, outcome, problem }: SecretFileEvent): void {
  if (outcome === 'taken-up') logger.log(`${variable}: the file has changed, and its new content is in force`);
  else if (outcome === 'unset') logger.log(`${variable}: the file is empty or gone, and the secret is no longer set`);
  else logger.error(`${variable}: ${problem ?? 'is malformed'}; the value before stays in force`);
}

/** The largest file that is taken for a secret: what is larger is something else. */
const MOST_BYTES = 64 * 1024;

export type OpenFile = (path: string, flags: number) => number;

/** What a look at the file found: its bytes without the line breaks at the end, which whoever has read them clears, or a problem. */
type SecretFileReading =
  | { readonly kind: 'content'; readonly bytes: Buffer }
  /** `problem` completes a sentence that begins with the variable. */
  | { readonly kind: 'empty' | 'missing' | 'unusable'; readonly problem: string };

const UNREADABLE = 'names a file that cannot be read';
const [LINE_FEED, CARRIAGE_RETURN] = [0x0a, 0x0d];

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
    return { kind: isMissing(error) ? 'missing' : 'unusable', problem: UNREADABLE };
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) return { kind: 'unusable', problem: UNREADABLE };
    if (status.size > MOST_BYTES) return { kind: 'unusable', problem: `names a file of more than ${MOST_BYTES} bytes` };
    const bytes = readFileSync(descriptor);
    const end = bytes.findLastIndex((byte) => byte !== LINE_FEED && byte !== CARRIAGE_RETURN) + 1;
    return end === 0
      ? { kind: 'empty', problem: 'names an empty file' }
      : { kind: 'content', bytes: bytes.subarray(0, end) };
  } catch {
    return { kind: 'unusable', problem: UNREADABLE };
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

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

type Outcome = { readonly value: unknown } | { readonly problem: string };

/** Parses a secret and clears its bytes. Only an InvalidValueError's message is passed on: any other could hold a value. */
function parsed(bytes: Buffer, { parseSecret }: DeclaredSecret): Outcome {
  try {
    return { value: parseSecret(bytes) };
  } catch (error) {
    return { problem: error instanceof InvalidValueError ? error.message : 'is malformed' };
  } finally {
    bytes.fill(0);
  }
}

/** The value that a file holds. That of an optional secret may come later, be emptied, and go. */
function valueOf(reading: SecretFileReading, secret: DeclaredSecret): Outcome {
  if (reading.kind === 'content') return parsed(reading.bytes, secret);
  return secret.optional && reading.kind !== 'unusable' ? { value: undefined } : { problem: reading.problem };
}

/** A digest or a fault: the content itself is not kept for comparing. */
function fingerprint(reading: SecretFileReading): string {
  return reading.kind === 'content' ? createHash('sha256').update(reading.bytes).digest('base64') : reading.kind;
}

interface SecretContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Hears of each event once. */
  readonly listener: (event: SecretFileEvent) => void;
  /** What is wrong with a later value of a variable, in the light of the others. */
  readonly objection: (name: string, value: unknown) => string | undefined;
}

/** Reads one secret; the value of an optional one that is not set is undefined. An empty text and an empty file count as unset. */
export function readSecret(secret: DeclaredSecret, context: SecretContext): LiveValue<unknown> | ConfigurationProblem {
  const { name } = secret;
  const direct = context.env[name] || undefined;
  const path = context.env[fileVariable(name)] || undefined;
  if (direct !== undefined && path !== undefined) {
    return { variable: name, problem: `is set together with ${fileVariable(name)}; set only one of the two` };
  }
  if (path !== undefined) return readFrom(path, secret, context);
  if (direct === undefined) {
    if (secret.optional) return new LiveValue<unknown>(undefined);
    return { variable: name, problem: `is not set, nor is ${fileVariable(name)} ${explanation(secret)}` };
  }
  const found = parsed(Buffer.from(direct), secret);
  if ('value' in found) return new LiveValue(found.value);
  return { variable: name, problem: `${found.problem} ${explanation(secret)}` };
}

/** Reads a file, and looks at it again at each use: a change is taken up, or refused once. */
function readFrom(
  path: string,
  secret: DeclaredSecret,
  context: SecretContext,
): LiveValue<unknown> | ConfigurationProblem {
  const { clock, listener, objection } = context;
  const { name } = secret;
  const variable = fileVariable(name);
  const reading = readSecretFile(path);
  let seen = fingerprint(reading);
  const first = valueOf(reading, secret);
  if ('problem' in first) {
    return reading.kind === 'content'
      ? { variable: name, problem: `${first.problem} ${explanation(secret)}` }
      : { variable, problem: `${first.problem}; expected one that holds ${name}` };
  }
  const look = () => {
    const later = readSecretFile(path);
    const print = fingerprint(later);
    if (print === seen) {
      if (later.kind === 'content') later.bytes.fill(0);
      return undefined;
    }
    seen = print;
    const found = valueOf(later, secret);
    const isUnset = later.kind !== 'content';
    const problem = 'problem' in found ? found.problem : isUnset ? undefined : objection(name, found.value);
    if ('problem' in found || problem !== undefined) {
      if ('value' in found) retire(found.value);
      listener({ variable, outcome: 'refused', problem });
      return undefined;
    }
    listener({ variable, outcome: isUnset ? 'unset' : 'taken-up' });
    return found;
  };
  return new LiveValue(first.value, { now: () => clock.now().getTime(), look });
}
