import { InvalidValueError } from '@app/configuration';
import { describe, expect, it } from 'vitest';
import { parseKeks } from './keks.js';

const A = '00112233445566778899aabbccddeeff';
const B = 'FFEEDDCCBBAA99887766554433221100';

describe('parseKeks', () => {
  it.each([
    [`a=${A}`, ['a']],
    [`a=${A},b=${B}`, ['a', 'b']],
    [`a=${A}\nb=${B}\n`, ['a', 'b']],
    [`a=${A}\r\n\r\n , b = ${B} `, ['a', 'b']],
    [`${'i'.repeat(64)}=${A}`, ['i'.repeat(64)]],
    [`2026-11_x.y=${A}`, ['2026-11_x.y']],
  ])('reads %j', (text, ids) => {
    expect([...parseKeks(text).keys()]).toEqual(ids);
  });

  it('gives 16 bytes a KEK, whatever the case of the digits', () => {
    const keks = parseKeks(`a=${A},b=${B}`);
    expect(keks.get('a')).toEqual(Uint8Array.from({ length: 16 }, (_, i) => i * 17));
    expect(keks.get('b')).toEqual(Uint8Array.from({ length: 16 }, (_, i) => (15 - i) * 17));
  });

  it.each([
    ['', 'there is none'],
    [' ,\n', 'there is none'],
    [A, 'entry 1 has no id'],
    [`=${A}`, 'entry 1 has no id'],
    [`can ary=${A}`, 'entry 1 has no id'],
    [`${'i'.repeat(65)}=${A}`, 'entry 1 has no id'],
    [`canary=${A.slice(1)}`, 'entry 1 has no KEK'],
    [`a=${A},canary=${A}0`, 'entry 2 has no KEK'],
    [`a=${A},canary=${A.replace('0', 'g')}`, 'entry 2 has no KEK'],
    [`canary=${A},canary=${B}`, 'entry 2 repeats an id'],
  ])('refuses %j without telling a key', (text, problem) => {
    const error = caught(() => parseKeks(text));
    expect(error).toBeInstanceOf(InvalidValueError);
    expect(error.message).toContain(problem);
    expect(error.message).not.toMatch(/canary|[0-9a-f]{8}/i);
  });
});

function caught(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
