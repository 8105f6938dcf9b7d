import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { describeError, logUncaughtErrors } from './describe-error.js';

const HEX = '1ad8eed133edf43cbcc185f0236828ae';

describe('describeError', () => {
  it('tells type, scrubbed message and stack, and plain facts', () => {
    const error = Object.assign(new TypeError(`bad key ${HEX}`), { code: 'E_BAD', status: 400, excerpt: `key ${HEX}` });
    const described = describeError(error);
    expect(described).toMatchObject({ type: 'TypeError', message: 'bad key [scrubbed]', code: 'E_BAD', status: 400 });
    expect(described.stack).toContain('describe-error.spec.ts');
    expect(JSON.stringify(described)).not.toContain(HEX);
  });

  it('leaves out what hangs on the error, such as the request that caused it', () => {
    const error = Object.assign(new Error('no'), {
      config: { data: 'canary' },
      request: ['canary'],
      call: () => 'canary',
    });
    expect(Object.keys(describeError(error))).toEqual(['type', 'message', 'stack']);
  });

  it('follows causes and collections, and ends in a circle', () => {
    const inner = new Error(`inner ${HEX}`);
    const described = describeError(new AggregateError([inner], 'outer', { cause: inner }));
    expect(described.cause?.message).toBe('inner [scrubbed]');
    expect(described.errors?.[0]?.message).toBe('inner [scrubbed]');
    const circle = new Error('circle');
    circle.cause = circle;
    expect(JSON.stringify(describeError(circle)).match(/"message"/g)).toHaveLength(6);
  });

  it.each([[`a text ${HEX}`], [undefined], [null], [{ secret: HEX }]])('says little of %j', (thrown) => {
    expect(JSON.stringify(describeError(thrown))).not.toContain(HEX);
    expect(describeError(thrown).message).toBe('something that is not an error was thrown');
  });

  it('shortens long facts', () => {
    expect(describeError(Object.assign(new Error('x'), { excerpt: 'ab '.repeat(500) }))['excerpt']).toHaveLength(300);
  });
});

class Process extends EventEmitter {
  readonly codes: number[] = [];

  exit(code: number): void {
    this.codes.push(code);
  }
}

it('an uncaught error is one scrubbed line without what hangs on it, and ends the process', () => {
  const target = new Process();
  const lines: string[] = [];
  logUncaughtErrors({ target, write: (line) => lines.push(line) });
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
  logUncaughtErrors({ target, write, exitCode: 3 });
  expect(() => target.emit('uncaughtException', undefined)).toThrow('EPIPE');
  expect(target.codes).toEqual([3]);
});
