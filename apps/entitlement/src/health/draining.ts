// Whether this process is on its way out: told by SIGTERM, answered by readiness, before anything is closed.
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Environment } from '../environment.js';

@Injectable()
export class Draining implements BeforeApplicationShutdown {
  #underWay = false;

  constructor(private readonly environment: Environment) {}

  /** True from the signal on. */
  get underWay(): boolean {
    return this.#underWay;
  }

  /** Runs before the server stops listening: gives load balancers the time to see readiness fail and go elsewhere. */
  async beforeApplicationShutdown(signal?: string): Promise<void> {
    this.#underWay = true;
    if (signal === undefined) return;
    const { SHUTDOWN_DRAIN_SECONDS: seconds } = this.environment;
    new Logger(Draining.name).log(
      `${signal}: not ready from now on, ends in ${seconds} s and when requests are answered`,
    );
    await delay(seconds * 1000);
  }
}
