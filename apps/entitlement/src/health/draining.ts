// Whether this process is on its way out: told by SIGTERM, answered by readiness, before anything is closed.
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
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
    if (signal !== undefined) await delay(this.environment.SHUTDOWN_DRAIN_SECONDS * 1000);
  }
}
