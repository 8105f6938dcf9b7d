// What every command is given: its environment, where it writes, the time, and the signal to end.
import type { Command } from 'commander';
import type { Clock } from '@app/platform/clock';
import { loadEnvironment, type SecretFileEvent } from '@app/platform/configuration';
import { PrismaService, type SessionPoolOptions } from '@app/platform/database';
import { currentDatabaseUrl, type DatabaseSecrets } from '../environment/database.js';
import { stackBeside } from './stack.js';
import type { InterruptedError } from './terminal/exit-codes.js';
import { Terminal, type TextSink } from './terminal/terminal.js';

export interface Surroundings {
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

  now(): Date {
    return this.surroundings.clock.now();
  }

  /** Shows how far long work has come, at a place where it can end. @throws InterruptedError when it is to end */
  checkpoint(progress: string): void {
    this.terminal.progress(progress);
    this.surroundings.signal.throwIfAborted();
  }

  /** Loads settings. What becomes of changed secret files is said on the standard error. @throws ConfigurationError */
  settings<T extends object>(type: new () => T, env = this.surroundings.env): T {
    const listener = ({ variable, outcome, problem }: SecretFileEvent) =>
      this.terminal.note(`${variable}: ${outcome}${problem === undefined ? '' : `, it ${problem}`}`);
    return loadEnvironment(type, env, { clock: this.surroundings.clock, listener });
  }

  /** The variables of a service and its database: those of the stack that runs here, unless another database is named. */
  serviceVariables(): Surroundings['env'] {
    const { env } = this.surroundings;
    const stack = stackBeside(env);
    if (stack === undefined) return env;
    this.terminal.note(stack.note);
    return { ...env, ...stack.settings };
  }

  /** The outcome of some work, or the interruption, whichever is first. */
  async unlessInterrupted<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.surroundings;
    signal.throwIfAborted();
    return new Promise<T>((resolve, reject) => {
      const stop = () => reject(signal.reason as InterruptedError);
      signal.addEventListener('abort', stop, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }
}

/** Makes an action of a command's work, which takes the context, the arguments and the options. */
export type Action = (
  work: (context: Context, ...argumentsAndOptions: never[]) => Promise<number>,
) => (...received: unknown[]) => Promise<void>;

/** Binds commands to a run: the context is made when the command is known, because `--json` may stand behind it. */
export function actions(surroundings: Surroundings, done: (exitCode: number) => void): Action {
  return (work) =>
    async (...received) => {
      // Commander passes the arguments, then the options, then the command.
      const command = received.pop() as Command;
      const context = new Context(surroundings, command.optsWithGlobals<{ json?: boolean }>().json === true);
      try {
        done(await work(context, ...(received as never[])));
      } finally {
        context.terminal.endProgress();
      }
    };
}

export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}

/** Runs work with the database of the settings, and closes the connections after it. */
export async function withDatabase<T>(
  settings: DatabaseSecrets,
  options: Omit<SessionPoolOptions, 'url'>,
  work: (prisma: PrismaService) => Promise<T>,
): Promise<T> {
  const prisma = new PrismaService({ ...options, url: () => currentDatabaseUrl(settings) });
  try {
    return await work(prisma);
  } finally {
    await prisma.onApplicationShutdown();
  }
}
