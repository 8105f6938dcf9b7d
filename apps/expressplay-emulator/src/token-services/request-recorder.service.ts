// Keeps the record and the counters of token requests.
import { Clock } from '@app/platform/clock';
import { PARAMETERS, type TokenService } from '@app/expressplay';
import { Injectable } from '@nestjs/common';
import type { FaultKind } from '../faults/fault.js';
import { Metrics } from '../inspection/metrics.js';
import { type Outcome, RequestLog } from '../inspection/request-log.js';
import type { TokenAsked } from './token-service.js';

@Injectable()
export class RequestRecorder {
  constructor(
    private readonly clock: Clock,
    private readonly requests: RequestLog,
    private readonly metrics: Metrics,
  ) {}

  /** Records what came of a request. */
  record({ definition, method, parameters }: TokenAsked, outcome: Outcome): void {
    const { service } = definition;
    if (outcome === 'issued') this.metrics.issued(service);
    else if (typeof outcome === 'number') this.metrics.refused(service, outcome);
    this.requests.add({
      at: this.clock.now().toISOString(),
      service,
      method,
      outcome,
      cookie: parameters.get(PARAMETERS.cookie) ?? null,
      parameters: parameters.redacted(),
      ignored: parameters.names().filter((name) => !definition.parameters.has(name)),
    });
  }

  /** Counts a request that met a fault, whatever comes of it. */
  faulted(service: TokenService, kind: FaultKind): void {
    this.metrics.faulted(service, kind);
  }
}
