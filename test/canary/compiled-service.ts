// The compiled service as a process of its own, with all that it writes.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';

const MAIN = 'dist/apps/entitlement/src/main.js';

/** Builds the service where `npm run build` has not. */
export async function ensureBuilt(): Promise<void> {
  if (existsSync(MAIN)) return;
  await promisify(execFile)(process.execPath, ['scripts/build.mjs']);
}

export class CompiledService {
  /** All of standard output and standard error so far, a byte a character. */
  output = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /**
   * @param environment all of its variables
   * @param folder where `dist` lies
   */
  constructor(environment: Record<string, string>, nodeOptions: readonly string[] = [], folder = process.cwd()) {
    this.#child = spawn(process.execPath, [...nodeOptions, MAIN], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString('latin1');
      });
    }
    this.#ended = once(this.#child, 'close');
  }

  /** Where it listens for the public; undefined when it ended instead. */
  async url(): Promise<string | undefined> {
    const said = () => /listening on (http:\/\/[\d.]+:\d+)/.exec(this.output)?.[1];
    while (said() === undefined && this.#child.exitCode === null && this.#child.signalCode === null) {
      const round = new AbortController();
      const { signal } = round;
      await Promise.race([this.#ended, ...this.#streams().map((stream) => once(stream, 'data', { signal }))]);
      round.abort();
    }
    return said();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for it to end. Answers with its exit code; null when a signal ended it. */
  async ended(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  /** Ends it, whatever it does. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #streams() {
    return [this.#child.stdout, this.#child.stderr].filter((stream) => stream !== null);
  }
}
