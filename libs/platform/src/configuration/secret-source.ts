// Follows the file of one secret: what is new in it, and whether it may come into force.
import { createHash } from 'node:crypto';
import type { Clock } from '@app/platform/clock';
import { InvalidValueError } from './configuration.error.js';
import { retire, type ValueSource } from './live-value.js';
import type { SecretFileListener } from './secret-events.js';
import { readSecretFile, type SecretFileReading } from './secret-file.js';

/** A secret's value, or what is wrong with it. */
export type ParsedSecret = { readonly value: unknown } | { readonly problem: string };

/** What is known of a secret that has a file. */
export interface SecretFileOptions {
  readonly path: string;
  /** The variable that names the file. */
  readonly variable: string;
  readonly optional: boolean;
  readonly parse: (secret: Buffer) => unknown;
  /** What is wrong with a well-formed value, in the light of the other variables. */
  readonly objection: (value: unknown) => string | undefined;
  readonly clock: Clock;
  readonly listener: SecretFileListener;
}

/** Parses a secret and clears its bytes. Only an InvalidValueError's message is told: any other could hold a value. */
export function parseSecret(secret: Buffer, parse: (secret: Buffer) => unknown): ParsedSecret {
  try {
    return { value: parse(secret) };
  } catch (error) {
    return { problem: error instanceof InvalidValueError ? error.message : 'is malformed' };
  } finally {
    secret.fill(0);
  }
}

/** The later values of a secret, each looked at once. */
export class SecretSource implements ValueSource<unknown> {
  readonly #options: SecretFileOptions;
  /** What was found at the last look: a digest or a fault. The content itself is not kept for comparing. */
  #seen: string;

  /** @param atStart what was found in the file when the value now in force was read from it */
  constructor(options: SecretFileOptions, atStart: SecretFileReading) {
    this.#options = options;
    this.#seen = fingerprint(atStart);
  }

  now(): number {
    return this.#options.clock.now().getTime();
  }

  look(): { readonly value: unknown } | undefined {
    const reading = readSecretFile(this.#options.path);
    const found = fingerprint(reading);
    if (found === this.#seen) {
      if (reading.kind === 'content') reading.bytes.fill(0);
      return undefined;
    }
    this.#seen = found;
    return this.#consider(reading);
  }

  #consider(reading: SecretFileReading): { readonly value: unknown } | undefined {
    const { variable, optional, parse, listener, objection } = this.#options;
    if (reading.kind !== 'content') {
      const unset = optional && reading.kind !== 'unusable';
      listener(unset ? { variable, outcome: 'unset' } : { variable, outcome: 'refused', problem: problemOf(reading) });
      return unset ? { value: undefined } : undefined;
    }
    const parsed = parseSecret(reading.bytes, parse);
    const problem = 'problem' in parsed ? parsed.problem : objection(parsed.value);
    if ('problem' in parsed || problem !== undefined) {
      if ('value' in parsed) retire(parsed.value);
      listener({ variable, outcome: 'refused', problem });
      return undefined;
    }
    listener({ variable, outcome: 'taken-up' });
    return parsed;
  }
}

/** What stands in the way of a secret being read from its file. */
export function problemOf(reading: Exclude<SecretFileReading, { kind: 'content' }>): string {
  switch (reading.kind) {
    case 'empty':
      return 'names an empty file';
    case 'missing':
      return 'names a file that cannot be read';
    case 'unusable':
      return reading.problem;
  }
}

function fingerprint(reading: SecretFileReading): string {
  return reading.kind === 'content' ? createHash('sha256').update(reading.bytes).digest('base64') : reading.kind;
}
