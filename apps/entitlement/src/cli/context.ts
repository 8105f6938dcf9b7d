// What every command is given: its environment, where it writes, the time, and word of being told to end.
import type { Clock } from '@app/platform/clock';
import { loadEnvironment, type SecretFileEvent } from '@app/platform/configuration';
import type { Command } from 'commander';
import { InterruptedError } from './terminal/exit-codes.js';
import { Terminal, type TextSink } from './terminal/terminal.js';

/** What the process lends to a run of the command line. */
export interface Surroundings {
  /** Environment variables by name. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly clock: Clock;
  /** Aborted when the command is to end, with an `InterruptedError` as the reason. */
  readonly signal: AbortSignal;
}

export class Context {
  readonly terminal: Terminal;

  constructor(
    readonly surroundings: Surroundings,
    json: boolean,
  ) {
    const { stdout, stderr, env } = surroundings;
    this.terminal = new Terminal({ stdout, stderr, json, plain: Boolean(env['NO_COLOR']) });
  }

  static of(surroundings: Surroundings, command: Command): Context {
    return new Context(surroundings, command.optsWithGlobals<{ json?: boolean }>().json === true);
  }

  now(): Date {
    return this.surroundings.clock.now();
  }

  /** Shows how far long work has come, at a place where it can end. @throws InterruptedError when it is to end */
  checkpoint(progress: string): void {
    this.terminal.progress(progress);
    this.surroundings.signal.throwIfAborted();
  }

  /** Loads settings. What becomes of changed secret files is said on the standard error. @throws ConfigurationError */
  settings<T extends object>(type: new () => T): T {
    const listener = ({ variable, outcome, problem }: SecretFileEvent) =>
      this.terminal.note(`${variable}: ${outcome}${problem === undefined ? '' : `, it ${problem}`}`);
    return loadEnvironment(type, this.surroundings.env, { clock: this.surroundings.clock, listener });
  }

  /** The outcome of some work, or the interruption, whichever is first. */
  async unlessInterrupted<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.surroundings;
    signal.throwIfAborted();
    let stop: () => void = () => undefined;
    const interrupted = new Promise<never>((_resolve, reject) => {
      stop = () => reject(signal.reason instanceof Error ? signal.reason : new InterruptedError(130));
      signal.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([work, interrupted]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}
