// Lets a token request meet the fault that waits for it: before every check, and after the URL.
import { isEventCode } from '@app/expressplay';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, mergeMap, NEVER, type Observable, tap } from 'rxjs';
import { RequestLog } from '../inspection/logs.js';
import { Metrics } from '../inspection/metrics.js';
import { EventError, InjectedError } from '../protocol/errors.js';
import { BaseUrl } from '../protocol/protocol.js';
import { tokenAsked } from '../token-services/token-issuer.js';
import { answerBrokenly, OpenFaults } from './broken-answers.js';
import { FaultRegistry } from './faults.js';

/** What stands in a cut answer in place of a token. */
const NO_TOKEN = 'A'.repeat(400);

@Injectable()
export class FaultInterceptor implements NestInterceptor {
  constructor(
    private readonly faults: FaultRegistry,
    private readonly open: OpenFaults,
    private readonly requests: RequestLog,
    private readonly metrics: Metrics,
    private readonly baseUrl: BaseUrl,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const asked = tokenAsked(request);
    const { service, rightsPath, answer } = asked.definition;
    const fault = this.faults.take(service);
    if (fault === undefined) return next.handle();
    this.metrics.faults.inc({ service, kind: fault.kind });
    const { kind } = fault;
    switch (kind) {
      case 'latency':
        return from(this.open.delay(fault.milliseconds)).pipe(mergeMap(() => next.handle()));
      case 'wrong-content-type':
        return next.handle().pipe(tap(() => void reply.type('text/html; charset=utf-8')));
      case 'status':
        this.requests.record(asked, 'fault:status');
        throw new InjectedError(fault.status);
      case 'event':
        this.requests.record(asked, fault.code);
        throw isEventCode(fault.code) ? new EventError(fault.code) : new InjectedError(400, fault.code);
      default:
        this.requests.record(asked, `fault:${kind}`);
        reply.hijack();
        answerBrokenly(kind, reply.raw, answer(`${this.baseUrl.of(request)}${rightsPath}`, NO_TOKEN), this.open);
        return NEVER;
    }
  }
}
