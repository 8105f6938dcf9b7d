// The compiled service as a process of its own, started as it is deployed: `npm run build` comes first.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { within } from './deadline.js';

const DIST = resolve(import.meta.dirname, '../../dist');
const MAIN = join(DIST, 'apps/entitlement/src/main.js');
/** Ends the service when this process goes, however it goes. */
const RUNNER = join(DIST, 'scripts/stack/app-process.js');
const DEADLINE_MS = 60_000;

export class ServiceProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** Where it listens, without a slash at the end. */
    readonly url: string,
  ) {}

  /**
   * Starts it on a free port and waits until it says that it listens.
   * @param environment all of its settings but the port
   * @throws Error with its own words when it ends instead
   */
  static async start(environment: Record<string, string>): Promise<ServiceProcess> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: run \`npm run build\` first.`);
    const child = fork(RUNNER, [MAIN], {
      env: {
        PATH: process.env.PATH,
        HOST: '127.0.0.1',
        PORT: '0',
        LOG_LEVEL: 'info',
        LOG_FORMAT: 'json',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    try {
      return new ServiceProcess(child, await within(DEADLINE_MS, 'the service listens', addressOf(child)));
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** Ends it as a deployment does, and waits until it has gone. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Ends it as a power cut does, in the middle of whatever it is doing, and waits until it has gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await within(DEADLINE_MS, `the service ends by ${signal}`, gone);
  }
}

/** Reads the log, to its end, for the line that says where the service listens. */
function addressOf(child: ChildProcess): Promise<string> {
  let words = '';
  return new Promise((resolvePromise, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream! }).on('line', (line) => {
        words = `${words}${line}\n`.slice(-4000);
        const address = /listening on (http:[^"\s]+)/.exec(line)?.[1];
        if (address !== undefined) resolvePromise(address);
      });
    }
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`the service ended (${code ?? signal}): ${words}`)));
  });
}
