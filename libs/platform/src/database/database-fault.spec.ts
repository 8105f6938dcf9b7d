import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { databaseFault, DatabaseUnavailableError } from './database-fault.js';

/** As Postgres sends it. */
function answered(code: string, more: Partial<DatabaseError> = {}): DatabaseError {
  return Object.assign(new DatabaseError('words', 0, 'error'), { code, severity: 'ERROR', ...more });
}
const coded = (code: string) => Object.assign(new Error('words'), { code });

describe('what is wrong with the database', () => {
  it.each([
    ['08006', 'connection'],
    ['25006', 'read-only'],
    ['25P03', 'connection'],
    ['28P01', 'connection'],
    ['3D000', 'operator'],
    ['40001', 'conflict'],
    ['40P01', 'conflict'],
    ['42501', 'operator'],
    ['42P01', 'operator'],
    ['53100', 'operator'],
    ['53300', 'connection'],
    ['55P03', 'operator'],
    ['57014', 'operator'],
    ['57P01', 'connection'],
    ['58030', 'operator'],
    ['XX001', 'operator'],
  ])('%s of Postgres is %s', (code, kind) => {
    expect(databaseFault(answered(code), false)).toMatchObject({ kind, code });
  });

  it.each([
    'ECONNREFUSED',
    'ENOENT',
    'EAI_AGAIN',
    'ENOTFOUND',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
  ])('%s of Node or OpenSSL may be better on another connection', (code) => {
    expect(databaseFault(coded(code), true)).toMatchObject({ kind: 'connection', code });
  });

  it.each([
    ['a ledger without the partition of a month', answered('23514', { table: 'issuance' }), /ledger:maintain/],
    ['a server without TLS', new Error('The server does not support SSL connections'), /sslmode/],
    ['a server that asks for a password', new Error('client password must be a string'), /DATABASE_PASSWORD/],
    ['a pool in full use', new Error('timeout exceeded when trying to connect'), /DATABASE_POOL_SIZE/],
    ['two addresses of a host, none of which answers', new AggregateError([coded('ECONNREFUSED')]), /host and port/],
    ['a server that says nothing', new Error('Connection terminated'), /Postgres runs/],
  ])('%s is a fault with advice', (_name, error, advice) => {
    expect(databaseFault(error, true)?.advice).toMatch(advice);
  });

  it.each([
    ['a broken check', answered('23514', { constraint: 'purchase_version_check' })],
    ['a value that is there already', answered('23505')],
    ['bytes that are no text', answered('22021')],
  ])('%s is none', (_name, error) => {
    expect(databaseFault(error, false)).toBeUndefined();
  });

  it('is told callers without a word of Postgres, and with what became of their write', () => {
    const fault = databaseFault(answered('57P01'), true);
    const { problem, message } = new DatabaseUnavailableError(fault, true, answered('57P01'));
    expect(problem).toMatchObject({ code: 'service-unavailable', retryAfterSeconds: 2 });
    expect(problem.detail).toContain('may have been stored');
    expect(new DatabaseUnavailableError(fault, false).problem.detail).not.toContain('may have been stored');
    expect(message).toContain('57P01');
    expect(message + problem.detail).not.toContain('words');
  });
});
