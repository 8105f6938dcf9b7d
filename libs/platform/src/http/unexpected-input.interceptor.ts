// Refuses queries and bodies that a route does not read.
import { type DomainError, invalidFields } from '@app/platform/problems';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { isInheritedName } from './json.js';
import { streamedBodyOf } from './streamed-body.js';

// Names come from the caller.
const MAX_NAME_LENGTH = 100;

/**
 * What a handler reads as a class is checked by the validation pipe, field by field. This is for the rest: a query where
 * none is read, a parameter beside the named ones, a body that nobody looks at.
 */
export class UnexpectedInputInterceptor implements NestInterceptor {
  /** @throws DomainError `invalid-request` */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const error = unexpectedQuery(context, request) ?? unexpectedBody(context, request);
    if (error !== undefined) throw error;
    return next.handle();
  }
}

function unexpectedQuery(context: ExecutionContext, request: FastifyRequest): DomainError | undefined {
  const names = Object.keys(request.query ?? {});
  if (names.length === 0) return undefined;
  const known = namesRead(context, RouteParamtypes.QUERY);
  const unknown = names.filter((name) => isInheritedName(name) || !(known === 'all' || known.has(name)));
  if (unknown.length === 0) return undefined;
  return invalidFields(
    unknown.map((name) => ({ field: name.slice(0, MAX_NAME_LENGTH), message: 'is not a known field' })),
  );
}

function unexpectedBody(context: ExecutionContext, request: FastifyRequest): DomainError | undefined {
  if (request.body === undefined || request.body === null || streamedBodyOf(request) !== undefined) return undefined;
  const known = namesRead(context, RouteParamtypes.BODY);
  if (known === 'all' || known.size > 0) return undefined;
  return invalidFields([{ field: 'body', message: 'must be empty' }]);
}

/** The names that a handler reads from the query or the body; `all` when it reads it whole. */
function namesRead(context: ExecutionContext, kind: RouteParamtypes): ReadonlySet<string> | 'all' {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) ??
    {}) as Record<string, { data?: unknown }>;
  const names = Object.entries(parameters)
    .filter(([key]) => key.startsWith(`${kind}:`))
    .map(([, { data }]) => data);
  return names.every((name) => typeof name === 'string') ? new Set(names) : 'all';
}
