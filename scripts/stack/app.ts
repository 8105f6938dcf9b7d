// One app of the stack as a child process, started as it is deployed and waited for by its health endpoint.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const RUNNER = fileURLToPath(new URL('./app-process.js', import.meta.url));
const READY_DEADLINE_MS = 60_000;

interface AppSpec {
  /** For messages. */
  name: string;
  /** The compiled entry, below `dist`. */
  main: string;
  environment: Record<string, string>;
  /** Answers 2xx once the app is ready. */
  readyUrl: string;
}

/** A running app. */
export class App {
  private constructor(private readonly process: ChildProcess) {}

  /** @throws Error when the app ends before it is ready; it has said why on its standard error */
  static async start(spec: AppSpec): Promise<App> {
    const env = { ...process.env, ...spec.environment };
    const app = new App(fork(RUNNER, [spec.main], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
    const deadline = Date.now() + READY_DEADLINE_MS;
    while (app.running && Date.now() < deadline) {
      const answer = await fetch(spec.readyUrl).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok && app.running) return app;
      await delay(100);
    }
    await app.stop();
    throw new Error(`The ${spec.name} did not start.`);
  }

  /** Settles when the process has ended, with its exit code (or 1 for a signal). */
  async ended(): Promise<number> {
    if (this.running) await once(this.process, 'exit');
    return this.process.exitCode ?? 1;
  }

  /** Asks the app to end, and waits until it has. */
  async stop(): Promise<void> {
    if (!this.running) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await ended;
  }

  private get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }
}
