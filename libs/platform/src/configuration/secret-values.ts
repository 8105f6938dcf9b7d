// Reads the declared secrets, from the environment or from their files, into values that follow their files.
import type { Clock } from '@app/platform/clock';
import type { ConfigurationProblem } from './configuration.error.js';
import { LiveValue } from './live-value.js';
import { fileVariable } from './raw-values.js';
import type { SecretFileListener } from './secret-events.js';
import { readSecretFile } from './secret-file.js';
import { type ParsedSecret, parseSecret, problemOf, SecretSource } from './secret-source.js';
import { type DeclaredSecret, explanation } from './variable.decorator.js';

/** What following a file needs to know. */
export interface SecretContext {
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
  if (direct !== undefined) return atStart(secret, parseSecret(Buffer.from(direct), secret.parseSecret));
  if (secret.optional) return { isSet: false, live: new LiveValue(undefined) };
  return { ...wrong(name, `is not set, nor is ${fileVariable(name)} ${explanation(secret)}`), isSet: false };
}

function readFrom(path: string, secret: DeclaredSecret, { clock, listener, objection }: SecretContext): SecretAtStart {
  const { name, optional = false, parseSecret: parse } = secret;
  const variable = fileVariable(name);
  const reading = readSecretFile(path);
  const source = new SecretSource(
    { path, variable, optional, parse, clock, listener, objection: (value) => objection(name, value) },
    reading,
  );
  if (reading.kind === 'content') return atStart(secret, parseSecret(reading.bytes, parse), source);
  // The file of an optional secret may come later, as when a second authenticator is mounted for a change of the first.
  if (optional && reading.kind !== 'unusable') return { isSet: false, live: new LiveValue<unknown>(undefined, source) };
  return wrong(variable, `${problemOf(reading)}; expected one that holds ${name}`);
}

function atStart(secret: DeclaredSecret, parsed: ParsedSecret, source?: SecretSource): SecretAtStart {
  if ('problem' in parsed) return wrong(secret.name, `${parsed.problem} ${explanation(secret)}`);
  return { isSet: true, live: new LiveValue(parsed.value, source) };
}

function wrong(variable: string, problem: string): SecretAtStart {
  return { isSet: true, problem: { variable, problem } };
}
