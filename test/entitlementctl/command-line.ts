// Command lines in this process: what was written where, and the exit code.
import { Readable } from 'node:stream';
import { SystemClock, type Clock } from '@app/platform/clock';
import { run } from '../../apps/entitlement/src/cli/run.js';

/** What a command line came to. */
export interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** What a test may want otherwise. */
export interface CommandLineOptions {
  env?: Readonly<Record<string, string | undefined>>;
  stdin?: string | AsyncIterable<Uint8Array>;
  clock?: Clock;
  signal?: AbortSignal;
  /** Is told each text on the standard error as it is written. */
  onStderr?: (text: string) => void;
  /** Whether both outputs are terminals. */
  terminal?: boolean;
}

export async function ctl(args: readonly string[], options: CommandLineOptions = {}): Promise<Outcome> {
  const { env = {}, stdin = '', clock = new SystemClock(), onStderr, terminal = false } = options;
  const outcome = { stdout: '', stderr: '' };
  const exitCode = await run(args, {
    env,
    clock,
    stdin: typeof stdin === 'string' ? Readable.from([Buffer.from(stdin)]) : stdin,
    signal: options.signal ?? new AbortController().signal,
    stdout: { write: (text) => void (outcome.stdout += text), isTTY: terminal },
    stderr: {
      write: (text) => {
        outcome.stderr += text;
        onStderr?.(text);
      },
      isTTY: terminal,
    },
  });
  return { exitCode, ...outcome };
}

/** The one document on the standard output. */
export function documentOf({ stdout }: Outcome): unknown {
  return JSON.parse(stdout);
}
