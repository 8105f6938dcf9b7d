// The service as a process of its own whose memory can be looked at.
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@app/embedded-postgres';
import { DEMO_AUDIENCE, DEMO_ISSUER, DemoIssuer } from '../../scripts/stack/demo-issuer.js';

const dist = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const READY_DEADLINE_MS = 60_000;

/** Resident memory of a process, in MiB. */
export interface Memory {
  now: number;
  peak: number;
}

export class MeasuredService {
  private constructor(
    readonly url: string,
    /** A bearer token with the scope asked for. */
    readonly bearer: string,
    private readonly child: ChildProcess,
    private readonly issuer: DemoIssuer,
  ) {}

  /**
   * @param variables of its environment, in place of what it has by default
   * @throws Error when it does not become ready
   */
  static async start(
    databaseUrl: string,
    scope: string,
    variables: Record<string, string> = {},
  ): Promise<MeasuredService> {
    const port = await freePort();
    const issuer = new DemoIssuer(port);
    await issuer.create();
    const bearer = await issuer.token({ user: 'bench', scope, expiresInSeconds: 86_400 });
    const child = fork(dist('scripts/stack/app-process.js'), [dist('apps/entitlement/src/main.js')], {
      env: {
        PATH: process.env.PATH,
        PORT: String(port),
        MANAGEMENT_PORT: String(port),
        DATABASE_URL: databaseUrl,
        EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `1,${randomBytes(16).toString('hex')}`,
        CONTENT_KEY_KEKS: `bench=${randomBytes(16).toString('hex')}`,
        AUTH_ISSUER: DEMO_ISSUER,
        AUTH_AUDIENCE: DEMO_AUDIENCE,
        AUTH_JWKS_URL: issuer.jwksUrl,
        SHUTDOWN_DRAIN_SECONDS: '0',
        RATE_LIMIT_PER_ADDRESS_PER_MINUTE: '0',
        RATE_LIMIT_PER_USER_PER_MINUTE: '0',
        LOG_LEVEL: 'warn',
        ...variables,
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const service = new MeasuredService(`http://127.0.0.1:${port}`, bearer, child, issuer);
    try {
      await service.untilReady();
    } catch (error) {
      await service.stop();
      throw error;
    }
    return service;
  }

  /** As the kernel of Linux counts it; undefined on other systems. */
  async memory(): Promise<Memory | undefined> {
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8').catch(() => '');
    const [now, peak] = ['VmRSS', 'VmHWM'].map((name) => new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
    return now === undefined || peak === undefined ? undefined : { now: mib(now), peak: mib(peak) };
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await ended;
    }
    await this.issuer.remove();
  }

  private async untilReady(): Promise<void> {
    const deadline = Date.now() + READY_DEADLINE_MS;
    while (this.child.exitCode === null && Date.now() < deadline) {
      const answer = await fetch(`${this.url}/health/ready`).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok) return;
      await pause(100);
    }
    throw new Error('The service did not start.');
  }
}

function mib(kilobytes: string): number {
  return Math.round(Number(kilobytes) / 1024);
}
