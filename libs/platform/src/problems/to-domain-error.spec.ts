import { ForbiddenException, HttpException, NotFoundException, UnauthorizedException } from '@nestjs/common';
import { errorCodes } from 'fastify';
import { describe, expect, it } from 'vitest';
import { DomainError, type ProblemCode, problemDocument, PROBLEMS, RouteNotFoundError } from './problem.js';
import { toDomainError } from './to-domain-error.js';

describe('toDomainError', () => {
  it('leaves domain errors as they are', () => {
    const error = new DomainError('not-entitled', 'No.');
    expect(toDomainError(error)).toBe(error);
  });

  it.each<[string, unknown, ProblemCode]>([
    ['an unknown address', new NotFoundException('Cannot GET /canary'), 'route-not-found'],
    ['no user', new UnauthorizedException('canary'), 'unauthenticated'],
    ['a refusing guard', new ForbiddenException('canary'), 'insufficient-scope'],
    ['another status of the caller', new HttpException('canary', 418), 'invalid-request'],
    ['408', new HttpException('canary', 408), 'request-timeout'],
    ['429', new HttpException('canary', 429), 'rate-limited'],
    ['431', new HttpException('canary', 431), 'headers-too-large'],
    ['503', new HttpException('canary', 503), 'service-unavailable'],
    ['another status of a server', new HttpException('canary', 507), 'internal-error'],
    ['a large body', new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE(), 'payload-too-large'],
    ['an unknown media type', new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE('canary'), 'unsupported-media-type'],
    ['a bad URL', new errorCodes.FST_ERR_BAD_URL('/canary'), 'invalid-request'],
    ['an error', new Error('canary'), 'internal-error'],
    ["another server's status", Object.assign(new Error('canary'), { statusCode: 404, status: 404 }), 'internal-error'],
    ['a text', 'canary', 'internal-error'],
    ['nothing', undefined, 'internal-error'],
  ])('finds the code for %s and repeats nothing of it', (_, exception, code) => {
    const error = toDomainError(exception);
    expect(error.code).toBe(code);
    expect(error.cause).toBe(exception);
    expect(JSON.stringify(problemDocument(error, 'r1'))).not.toContain('canary');
  });

  it('tells what is hidden as it tells what does not exist', () => {
    const [unknown, hidden] = [toDomainError(new NotFoundException()), new RouteNotFoundError()];
    expect(problemDocument(hidden, 'r1')).toEqual(problemDocument(unknown, 'r1'));
  });

  it('always challenges with a 401', () => {
    expect(toDomainError(new UnauthorizedException()).headers).toEqual({ 'WWW-Authenticate': 'Bearer' });
  });
});

describe('problemDocument', () => {
  it.each(Object.entries(PROBLEMS))('%s has a client or server status and a title', (code, { status, title }) => {
    expect(status).toBeGreaterThanOrEqual(400);
    const document = problemDocument(new DomainError(code as ProblemCode, 'Detail.'));
    expect(document).toEqual({
      type: `urn:expressplay-bff:problem:${code}`,
      title,
      status,
      detail: 'Detail.',
      code,
    });
  });

  it('does not let extensions replace its own members', () => {
    const extensions = { status: 200, code: 'x', reason: 'no-purchase' };
    const document = problemDocument(new DomainError('not-entitled', 'No.', { extensions }), 'r1');
    expect(document).toMatchObject({ status: 403, code: 'not-entitled', reason: 'no-purchase', requestId: 'r1' });
  });

  it('names errors by their class', () => {
    class ContentNotFoundError extends DomainError {}
    expect(new ContentNotFoundError('content-not-found', 'No.').name).toBe('ContentNotFoundError');
  });
});
