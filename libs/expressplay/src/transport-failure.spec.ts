import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { nameTransportFailure } from './transport-failure.js';

const withCode = (code: unknown): Error => Object.assign(new Error('of a library'), { code, request: 'a-secret' });

describe('the name of a transport failure', () => {
  it.each([
    ['ENOTFOUND', 'connect', false],
    ['EAI_AGAIN', 'connect', false],
    ['EHOSTUNREACH', 'connect', false],
    ['CERT_HAS_EXPIRED', 'connect', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'connect', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'connect', false],
    ['ETIMEDOUT', 'connect-timeout', true],
    ['UND_ERR_CONNECT_TIMEOUT', 'connect-timeout', true],
    ['EPIPE', 'reset', false],
    ['UND_ERR_DESTROYED', 'closed', false],
    ['ERR_BAD_OPTION', 'other', false],
  ])('of %s is %s', (code, reason, timeout) => {
    expect(nameTransportFailure(withCode(code), false)).toMatchObject({ reason, code, timeout });
  });

  it.each<[string, unknown]>([
    ['an error without a code', new Error('x')],
    ['a code that is text', withCode('a-secret value')],
    ['a code that is a number', withCode(5)],
    ['no error', 'a-secret'],
    ['nothing', undefined],
  ])('of %s is other, without a code', (_, thrown) => {
    const error = nameTransportFailure(thrown, false);
    expect(error.reason).toBe('other');
    expect(error.code).toBeUndefined();
    expect(error.message).toBe('ExpressPlay could not be asked: the call failed');
  });

  it('is timeout once the deadline has passed, whatever was thrown', () => {
    expect(nameTransportFailure(withCode('ECONNRESET'), true)).toMatchObject({ reason: 'timeout', timeout: true });
  });

  it('carries nothing of the error it names', () => {
    const error = nameTransportFailure(withCode('ECONNRESET'), false);
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('a-secret');
    expect(error.cause).toBeUndefined();
  });
});
