// Refuses requests that two readers could understand differently, or that carry what no caller of these APIs sends.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { DomainError, fieldName, invalidFields } from '@app/platform/problems';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isInheritedName } from './json.js';
import { streamedBodyOf } from './streamed-body.js';

/** More than any client or proxy sends. */
const MAX_HEADERS = 100;

/**
 * Headers that mean something here and have one value. Of several, Node keeps the first or joins them, and a proxy in
 * front may have looked at another one.
 */
const SINGLE_HEADERS = new Set(
  'authorization content-encoding content-length content-type expect host if-match origin transfer-encoding'.split(' '),
);

/** Framing is in doubt, so nothing that follows on the connection is read. */
const CLOSE = { Connection: 'close' };

/** Checks the headers of each request, before anything is made of them. */
export function refuseUnclearRequests(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request, _reply, done) => {
    done(doubleHeaders(request.raw) ?? unclearFraming(request.raw) ?? encodedBody(request.headers));
  });
}

function doubleHeaders({ rawHeaders }: IncomingMessage): DomainError | undefined {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  if (names.length > MAX_HEADERS) {
    return new DomainError('headers-too-large', `There are more than ${MAX_HEADERS} headers.`, { headers: CLOSE });
  }
  const single = names.filter((name) => SINGLE_HEADERS.has(name));
  const double = single.find((name, index) => single.indexOf(name) !== index);
  return double === undefined ? undefined : malformed(`The header ${double} may be sent only once.`);
}

function unclearFraming({ method, httpVersion, headers }: IncomingMessage): DomainError | undefined {
  const { host, expect, 'transfer-encoding': coding } = headers;
  if (httpVersion !== '1.0' && httpVersion !== '1.1') return malformed('HTTP 1.1 is expected.');
  if (host === undefined && httpVersion === '1.1') return malformed('The header host is missing.');
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') return malformed('The expectation is unknown.');
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    return malformed('The only transfer coding that is taken is chunked.');
  }
  // HTTP 1.0 knows no chunks: one reader takes the length from them, another reads to the end of the connection.
  if (coding !== undefined && httpVersion === '1.0') return malformed('HTTP 1.0 has no transfer codings.');
  if ((method === 'GET' || method === 'HEAD') && hasBody(headers)) return malformed(`${method} takes no body.`);
  return undefined;
}

/** A compressed body may be small on the way and large in memory. */
function encodedBody({ 'content-encoding': encoding = 'identity' }: IncomingHttpHeaders): DomainError | undefined {
  if (encoding.toLowerCase() === 'identity') return undefined;
  // RFC 9110, 15.5.16: what would have been taken.
  const headers = { 'Accept-Encoding': 'identity' };
  return new DomainError('unsupported-media-type', 'The body must not be compressed.', { headers });
}

/** Whether a request announces a body. */
export function hasBody({ 'transfer-encoding': coding, 'content-length': length }: IncomingHttpHeaders): boolean {
  return coding !== undefined || (length !== undefined && Number(length) !== 0);
}

function malformed(detail: string): DomainError {
  return new DomainError('invalid-request', detail, { headers: CLOSE });
}

/**
 * What a handler reads as a class is checked by the validation pipe, field by field. This is for the rest: a query where
 * none is read, a parameter beside the named ones, a body that nobody looks at.
 */
export class UnexpectedInputGuard implements CanActivate {
  /** @throws DomainError `invalid-request` */
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const error = unexpectedQuery(context, request) ?? unexpectedBody(context, request);
    if (error !== undefined) throw error;
    return true;
  }
}

function unexpectedQuery(context: ExecutionContext, request: FastifyRequest): DomainError | undefined {
  const names = Object.keys(request.query ?? {});
  if (names.length === 0) return undefined;
  const known = namesRead(context, RouteParamtypes.QUERY);
  const unknown = names.filter((name) => isInheritedName(name) || !(known === 'all' || known.has(name)));
  if (unknown.length === 0) return undefined;
  return invalidFields(unknown.map((name) => ({ field: fieldName(name), message: 'is not a known field' })));
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
