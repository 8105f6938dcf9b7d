// Lets a token request meet the fault that waits for it: before every check, and after the URL.
import { isEventCode } from '@app/expressplay';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, mergeMap, NEVER, type Observable, tap } from 'rxjs';
import { Metrics, RequestLog } from '../inspection/records.js';
import { EventError, PlainError } from '../protocol/errors.js';
import { BaseUrl } from '../protocol/protocol.js';
import { tokenAsked } from '../token-services/token-issuer.js';
import { BrokenAnswers } from './broken-answers.js';
import { FaultRegistry } from './faults.js';

/** What stands in a cut answer in place of a token. */
const NO_TOKEN = 'A'.repeat(400);

@Injectable()
export class FaultInterceptor implements NestInterceptor {
  constructor(
    private readonly faults: FaultRegistry,
    private readonly broken: BrokenAnswers,
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
        return from(this.broken.delay(fault.milliseconds)).pipe(mergeMap(() => next.handle()));
      case 'wrong-content-type':
        return next.handle().pipe(tap(() => void reply.type('text/html; charset=utf-8')));
      case 'status':
        this.requests.record(asked, 'fault:status');
        throw new PlainError(fault.status, `status ${fault.status}, as a fault asked for`);
      case 'event':
        this.requests.record(asked, fault.code);
        if (isEventCode(fault.code)) throw new EventError(fault.code);
        throw new PlainError(400, 'undocumented, as a fault asked for', fault.code);
      case 'late':
      case 'doubled':
      case 'missing':
        // No token service has one.
        return next.handle();
      default:
        this.requests.record(asked, `fault:${kind}`);
        reply.hijack();
        this.broken.send(kind, reply.raw, answer(`${this.baseUrl.of(request)}${rightsPath}`, NO_TOKEN));
        return NEVER;
    }
  }
}
