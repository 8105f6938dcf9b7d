// Who is measured, each in a process of its own, started alike.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@app/embedded-postgres';
import { DEMO_AUDIENCE, DEMO_ISSUER, type DemoIssuer } from '../../scripts/stack/demo-issuer.js';
import type { Memory, Usage } from './probe.js';

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

/** What contestants are told of what is around them. */
export interface Surroundings {
  upstream: Upstream;
  issuer: DemoIssuer;
  kek: Buffer;
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

  /** @throws Error when it does not become ready */
  static async start(name: Name, databaseUrl: string, { upstream, issuer, kek }: Surroundings): Promise<Contestant> {
    const port = await freePort();
    const environment = {
      PORT: String(port),
      MANAGEMENT_PORT: '0',
      DATABASE_URL: databaseUrl,
      EXPRESSPLAY_BASE_URL: upstream.url,
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `1,${'0'.repeat(32)}`,
      CONTENT_KEY_KEKS: `bench=${kek.toString('hex')}`,
      AUTH_ISSUER: DEMO_ISSUER,
      AUTH_AUDIENCE: DEMO_AUDIENCE,
      AUTH_JWKS_URL: issuer.jwksUrl,
      RATE_LIMIT_PER_ADDRESS_PER_MINUTE: '0',
      RATE_LIMIT_PER_USER_PER_MINUTE: '0',
      SHUTDOWN_DRAIN_SECONDS: '0',
    };
    const [main, more] = CONTESTANTS[name];
    const begun = performance.now();
    const child = fork(RUNNER, [fileURLToPath(main)], {
      execArgv: ['--import', new URL('./probe.js', import.meta.url).href],
      env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment, ...more },
      // Its log goes nowhere, and is written all the same.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const url = `http://127.0.0.1:${port}`;
    while (child.exitCode === null && performance.now() - begun < READY_DEADLINE_MS) {
      const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok) return new Contestant(name, url, databaseUrl, child, performance.now() - begun);
      await pause(10);
    }
    await stop(child);
    throw new Error(`${name} did not start.`);
  }

  /** Lets everything else on the machine go first, so that this is what has too much to do, and not what stands around it. */
  giveWay(): void {
    if (this.child.pid !== undefined) setPriority(this.child.pid, constants.priority.PRIORITY_LOW);
  }

  /** Since it was asked the last time. */
  usage(): Promise<Usage> {
    return this.#ask<Usage>('usage');
  }

  memory(): Promise<Memory> {
    return this.#ask<Memory>('memory');
  }

  async #ask<T>(what: string): Promise<T> {
    this.child.send(what);
    const [answer] = (await once(this.child, 'message')) as [T];
    return answer;
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
