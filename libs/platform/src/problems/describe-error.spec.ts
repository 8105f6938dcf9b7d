import { describe, expect, it } from 'vitest';
import { describeError } from './describe-error.js';

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
