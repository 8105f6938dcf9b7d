// Who is measured, each in a process of its own, started alike.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Usage } from './probe.js';

type Texts = Record<string, string>;

const RUNNER = new URL('../../scripts/stack/app-process.js', import.meta.url);
const FLOOR = new URL('./floor.js', import.meta.url);
const SERVICE = new URL('../../apps/entitlement/src/main.js', import.meta.url);
const IDIOMATIC = new URL('./idiomatic.js', import.meta.url);
const NO_LIMITS = { TOKEN_LIMIT_PER_USER: '0', TOKEN_LIMIT_PER_TITLE: '0' };

/** What runs, and what it is told beyond what all of them are. */
export const CONTESTANTS = {
  floor: [FLOOR, {}],
  'floor-uncached': [FLOOR, { BEARER_CACHE: 'off' }],
  'floor-no-limits': [FLOOR, NO_LIMITS],
  service: [SERVICE, {}],
  'service-no-limits': [SERVICE, NO_LIMITS],
  idiomatic: [IDIOMATIC, {}],
} satisfies Record<string, [main: URL, environment: Texts]>;

export type Name = keyof typeof CONTESTANTS;

export function isContestant(name: string): name is Name {
  return Object.hasOwn(CONTESTANTS, name);
}

/** Whom a contestant is compared with: the hand-written one that does the same work. */
export function floorOf(name: string): string {
  return name.endsWith('-no-limits') ? 'floor-no-limits' : 'floor';
}

const READY_DEADLINE_MS = 60_000;

export class Contestant {
  private constructor(
    readonly name: Name,
    readonly url: string,
    readonly databaseUrl: string,
    private readonly child: ChildProcess,
    /** Milliseconds from the start of the process to the first good answer at /health/ready. */
    readonly readyMs: number,
  ) {}

  /** @param environment with its PORT and DATABASE_URL. @throws Error when it does not become ready */
  static async start(name: Name, environment: Texts & { PORT: string; DATABASE_URL: string }): Promise<Contestant> {
    const [main, more] = CONTESTANTS[name];
    const begun = performance.now();
    const child = fork(RUNNER, [fileURLToPath(main)], {
      execArgv: ['--import', new URL('./probe.js', import.meta.url).href],
      env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment, ...more },
      // Its log goes nowhere, and is written all the same.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const url = `http://127.0.0.1:${environment.PORT}`;
    while (child.exitCode === null && performance.now() - begun < READY_DEADLINE_MS) {
      const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok) return new Contestant(name, url, environment.DATABASE_URL, child, performance.now() - begun);
      await pause(10);
    }
    await stop(child);
    throw new Error(`${name} did not start.`);
  }

  /** Since it was asked the last time. */
  async usage(): Promise<Usage> {
    this.child.send('usage');
    const [usage] = (await once(this.child, 'message')) as [Usage];
    return usage;
  }

  stop(): Promise<void> {
    return stop(this.child);
  }
}

/** ExpressPlay's stand-in, in a process of its own too. */
export class Upstream {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(): Promise<Upstream> {
    const child = fork(new URL('./upstream.js', import.meta.url));
    const [port] = (await once(child, 'message')) as [number];
    return new Upstream(child, `http://127.0.0.1:${port}`);
  }

  /** Has it wait so long before each answer. */
  async wait(milliseconds: number): Promise<void> {
    this.child.send(milliseconds);
    await once(this.child, 'message');
  }

  stop(): Promise<void> {
    return stop(this.child);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
