// Reads a secret at start, as bytes that are cleared afterwards, and follows its file while the process runs.
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Clock } from '@app/platform/clock';
import { Logger } from '@nestjs/common';
import { type ConfigurationProblem, InvalidValueError } from './configuration-error.js';
import { LiveValue, retire, type ValueSource } from './live-value.js';
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

/** Hears of each event once. */
export type SecretFileListener = (event: SecretFileEvent) => void;

const logger = new Logger('Secrets');

/** One line for each event. */
export function logSecretFileEvent({ variable, outcome, problem }: SecretFileEvent): void {
  if (outcome === 'taken-up') logger.log(`${variable}: the file has changed, and its new content is in force`);
  else if (outcome === 'unset') logger.log(`${variable}: the file is empty or gone, and the secret is no longer set`);
  else logger.error(`${variable}: ${problem ?? 'is malformed'}; the value before stays in force`);
}

/** The largest file that is taken for a secret: what is larger is something else. */
const MOST_BYTES = 64 * 1024;

export type OpenFile = (path: string, flags: number) => number;

/** What a look at the file found. */
type SecretFileReading =
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

/** Parses a secret and clears its bytes. Only an InvalidValueError's message is passed on: any other could hold a value. */
function parseSecret(secret: Buffer, parse: (secret: Buffer) => unknown): { value: unknown } | { problem: string } {
  try {
    return { value: parse(secret) };
  } catch (error) {
    return { problem: error instanceof InvalidValueError ? error.message : 'is malformed' };
  } finally {
    secret.fill(0);
  }
}

/**
 * The later values of a secret in a file, each looked at once.
 * @param found what was found in the file when the value now in force was read from it
 */
function laterValues(
  path: string,
  { name, optional = false, parseSecret: parse }: DeclaredSecret,
  { clock, listener, objection }: SecretContext,
  found: SecretFileReading,
): ValueSource<unknown> {
  // A digest or a fault: the content itself is not kept for comparing.
  let seen = fingerprint(found);
  const variable = fileVariable(name);
  const consider = (reading: SecretFileReading): { readonly value: unknown } | undefined => {
    if (reading.kind !== 'content') {
      const unset = optional && reading.kind !== 'unusable';
      listener(unset ? { variable, outcome: 'unset' } : { variable, outcome: 'refused', problem: problemOf(reading) });
      return unset ? { value: undefined } : undefined;
    }
    const parsed = parseSecret(reading.bytes, parse);
    const problem = 'problem' in parsed ? parsed.problem : objection(name, parsed.value);
    if ('problem' in parsed || problem !== undefined) {
      if ('value' in parsed) retire(parsed.value);
      listener({ variable, outcome: 'refused', problem });
      return undefined;
    }
    listener({ variable, outcome: 'taken-up' });
    return parsed;
  };
  return {
    now: () => clock.now().getTime(),
    look: () => {
      const reading = readSecretFile(path);
      const now = fingerprint(reading);
      if (now !== seen) {
        seen = now;
        return consider(reading);
      }
      if (reading.kind === 'content') reading.bytes.fill(0);
      return undefined;
    },
  };
}

/** What stands in the way of a secret being read from its file. */
function problemOf(reading: Exclude<SecretFileReading, { kind: 'content' }>): string {
  if (reading.kind === 'unusable') return reading.problem;
  return reading.kind === 'empty' ? 'names an empty file' : 'names a file that cannot be read';
}

function fingerprint(reading: SecretFileReading): string {
  return reading.kind === 'content' ? createHash('sha256').update(reading.bytes).digest('base64') : reading.kind;
}

/** What reading and following a secret needs to know. */
interface SecretContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly listener: SecretFileListener;
  /** What is wrong with a later value of a variable, in the light of the others. */
  readonly objection: (name: string, value: unknown) => string | undefined;
}

/** One secret as it was found at start: a value, nothing (`live` holds undefined), or a problem. */
export interface SecretAtStart {
  /** Whether there is a value, well-formed or not. */
  readonly isSet: boolean;
  readonly live?: LiveValue<unknown>;
  readonly problem?: ConfigurationProblem;
}

/** Reads one secret. An empty text and an empty file count as unset. */
export function readSecret(secret: DeclaredSecret, context: SecretContext): SecretAtStart {
  const { name } = secret;
  const direct = context.env[name] || undefined;
  const path = context.env[fileVariable(name)] || undefined;
  if (direct !== undefined && path !== undefined) {
    return wrong(name, `is set together with ${fileVariable(name)}; set only one of the two`);
  }
  if (path !== undefined) return readFrom(path, secret, context);
  if (direct !== undefined) return atStart(secret, Buffer.from(direct));
  if (secret.optional) return { isSet: false, live: new LiveValue(undefined) };
  return { ...wrong(name, `is not set, nor is ${fileVariable(name)} ${explanation(secret)}`), isSet: false };
}

function readFrom(path: string, secret: DeclaredSecret, context: SecretContext): SecretAtStart {
  const reading = readSecretFile(path);
  const source = laterValues(path, secret, context, reading);
  if (reading.kind === 'content') return atStart(secret, reading.bytes, source);
  // The file of an optional secret may come later, as when a second authenticator is mounted for a change of the first.
  if (secret.optional && reading.kind !== 'unusable') {
    return { isSet: false, live: new LiveValue<unknown>(undefined, source) };
  }
  return wrong(fileVariable(secret.name), `${problemOf(reading)}; expected one that holds ${secret.name}`);
}

function atStart(secret: DeclaredSecret, bytes: Buffer, source?: ValueSource<unknown>): SecretAtStart {
  const parsed = parseSecret(bytes, secret.parseSecret);
  if ('problem' in parsed) return wrong(secret.name, `${parsed.problem} ${explanation(secret)}`);
  return { isSet: true, live: new LiveValue(parsed.value, source) };
}

function wrong(variable: string, problem: string): SecretAtStart {
  return { isSet: true, problem: { variable, problem } };
}
