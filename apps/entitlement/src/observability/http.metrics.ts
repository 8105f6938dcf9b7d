// Requests: how many, how they ended, and how long they took.
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Counter, Histogram, Registry } from 'prom-client';
import { type Answered, answersOf } from '@app/platform/http';
import { ROUTED_METHODS } from '@app/platform/telemetry';
import { DURATION_BUCKETS } from './stages.js';

@Injectable()
export class HttpMetrics implements OnModuleInit {
  readonly #requests: Counter<'route' | 'method' | 'outcome'>;
  readonly #durations: Histogram<'route' | 'method'>;

  constructor(
    registry: Registry,
    private readonly adapterHost: HttpAdapterHost,
  ) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'entitlement_http_requests_total',
      help: 'Requests that ended, by route pattern, method and outcome: ok, a problem code, or aborted.',
      labelNames: ['route', 'method', 'outcome'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'entitlement_http_request_duration_seconds',
      help: 'From the headers of a request to the end of its answer.',
      labelNames: ['route', 'method'],
      buckets: DURATION_BUCKETS,
      registers,
    });
  }

  onModuleInit(): void {
    // For good: Nest destroys modules before the drain, and what is served then counts. The adapter ends with the listener.
    answersOf(this.adapterHost).subscribe((answered) => this.#count(answered));
  }

  #count({ route = 'unknown', method: given, outcome, seconds }: Answered): void {
    const method = given !== undefined && ROUTED_METHODS.has(given) ? given : 'other';
    this.#requests.inc({ route, method, outcome });
    if (seconds !== undefined) this.#durations.observe({ route, method }, seconds);
  }
}
