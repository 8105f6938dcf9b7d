import { loggingModule } from '@app/platform/http';
import { Test } from '@nestjs/testing';
import { Logger } from 'nestjs-pino';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { AuthenticatorFallbacks } from './authenticator-fallbacks.js';

describe('AuthenticatorFallbacks', () => {
  it('tells every listener, whatever another one does, and logs what went wrong', async () => {
    const lines: string[] = [];
    const stream = new Writable({
      write: (chunk, _, done) => {
        lines.push(String(chunk));
        done();
      },
    });
    const testing = await Test.createTestingModule({
      imports: [loggingModule({ level: 'info', pretty: false, stream })],
      providers: [AuthenticatorFallbacks],
    }).compile();
    testing.useLogger(testing.get(Logger));
    const fallbacks = await testing.resolve(AuthenticatorFallbacks);
    const told: string[] = [];
    fallbacks.subscribe(() => {
      throw new Error('this listener fails');
    });
    fallbacks.subscribe(({ outcome }) => told.push(outcome));
    fallbacks.report({ rejected: 'first', tried: 'second', outcome: 'accepted', switched: false });
    expect(told).toEqual(['accepted']);
    expect(lines.join('')).toContain('this listener fails');
  });
});
