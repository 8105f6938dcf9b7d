// Lets a token request meet the fault that waits for it: before every check, and after the URL.
import { isEventCode } from '@app/expressplay';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, mergeMap, NEVER, type Observable, tap } from 'rxjs';
import { Metrics } from '../inspection/metrics.js';
import { EventError, InjectedError } from '../protocol/errors.js';
import { BaseUrl } from '../protocol/protocol.js';
import { parametersOf } from '../protocol/reading.js';
import { RequestRecorder, tokenServiceAt } from '../token-services/token-issuer.js';
import { answerBrokenly, OpenFaults } from './broken-answers.js';
import { FaultRegistry } from './faults.js';

/** What stands in a cut answer in place of a token. */
const NO_TOKEN = 'A'.repeat(400);

@Injectable()
export class FaultInterceptor implements NestInterceptor {
  constructor(
    private readonly faults: FaultRegistry,
    private readonly open: OpenFaults,
    private readonly recorder: RequestRecorder,
    private readonly metrics: Metrics,
    private readonly baseUrl: BaseUrl,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const definition = tokenServiceAt(request.routeOptions.url);
    const fault = definition && this.faults.take(definition.service);
    if (definition === undefined || fault === undefined) return next.handle();
    this.metrics.faults.inc({ service: definition.service, kind: fault.kind });
    const asked = { definition, method: request.method, parameters: parametersOf(request) };
    const { kind } = fault;
    switch (kind) {
      case 'latency':
        return from(this.open.delay(fault.milliseconds)).pipe(mergeMap(() => next.handle()));
      case 'wrong-content-type':
        return next.handle().pipe(tap(() => void reply.type('text/html; charset=utf-8')));
      case 'status':
        this.recorder.record(asked, 'fault:status');
        throw new InjectedError(fault.status);
      case 'event':
        this.recorder.record(asked, fault.code);
        throw isEventCode(fault.code) ? new EventError(fault.code) : new InjectedError(400, fault.code);
      default:
        this.recorder.record(asked, `fault:${kind}`);
        reply.hijack();
        answerBrokenly(kind, reply.raw, definition.answer(this.baseUrl.of(request), NO_TOKEN), this.open);
        return NEVER;
    }
  }
}
