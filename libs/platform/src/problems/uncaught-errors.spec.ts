import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { tellUncaughtErrors } from './index.js';

class Process extends EventEmitter {
  readonly codes: number[] = [];

  exit(code: number): void {
    this.codes.push(code);
  }
}

it('an uncaught error is one scrubbed line without what hangs on it, and ends the process', () => {
  const target = new Process();
  const lines: string[] = [];
  tellUncaughtErrors({ target, write: (line) => lines.push(line) });
  const config = { headers: { authorization: 'canary' } };
  const error = Object.assign(new Error('sent kek=canary'), { config, key: Buffer.from('canary'), code: 'E_X' });
  target.emit('uncaughtException', error);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[^\n]+\n$/);
  expect(lines[0]).not.toMatch(/canary|config/);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'fatal',
    err: { message: 'sent kek=[scrubbed]', code: 'E_X' },
  });
  expect(target.codes).toEqual([1]);
});

it('the process ends also where nothing can be written any more, and whatever was thrown', () => {
  const target = new Process();
  const write = () => {
    throw new Error('EPIPE');
  };
  tellUncaughtErrors({ target, write, exitCode: 3 });
  expect(() => target.emit('uncaughtException', undefined)).toThrow('EPIPE');
  expect(target.codes).toEqual([3]);
});
