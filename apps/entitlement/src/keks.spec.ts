import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { InvalidValueError } from '@app/platform/configuration';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KekRing, parseKeks } from './keks.js';

const A = '00112233445566778899aabbccddeeff';
const B = 'FFEEDDCCBBAA99887766554433221100';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('parseKeks', () => {
  it.each([
    [`a=${A}`, ['a']],
    [`a=${A},b=${B}`, ['a', 'b']],
    [`a=${A}\nb=${B}\n`, ['a', 'b']],
    [`a=${A}\r\n\r\n , b = ${B} `, ['a', 'b']],
    [`${'i'.repeat(64)}=${A}`, ['i'.repeat(64)]],
    [`2026-11_x.y=${A}`, ['2026-11_x.y']],
    [`\ta\t=\t${A}\t`, ['a']],
    [`,,a=${A},,`, ['a']],
  ])('reads %j', (text, ids) => {
    expect([...parseKeks(bytes(text)).keys()]).toEqual(ids);
  });

  it('gives 16 bytes a KEK, whatever the case of the digits', () => {
    const keks = parseKeks(bytes(`a=${A},b=${B}`));
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
    [`a=${A}\u0000`, 'entry 1 has no KEK'],
    [`cánary=${A}`, 'entry 1 has no id'],
    [`a==${A}`, 'entry 1 has no KEK'],
    [`a=${A};b=${B}`, 'entry 1 has no KEK'],
  ])('refuses %j without telling a key', (text, problem) => {
    const error = caught(() => parseKeks(bytes(text)));
    expect(error).toBeInstanceOf(InvalidValueError);
    expect(error.message).toContain(problem);
    expect(error.message).not.toMatch(/canary|[0-9a-f]{8}/i);
  });

  it('makes a KEK of any 16 bytes, in any case of the digits, and leaves the text alone', () => {
    const kek = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(fc.array(kek, { minLength: 1, maxLength: 5 }), fc.boolean(), (keys, upper) => {
        const hex = keys.map((key) => Buffer.from(key).toString('hex'));
        const text = bytes(hex.map((digits, at) => `id-${at}=${upper ? digits.toUpperCase() : digits}`).join('\n'));
        const before = Buffer.from(text);
        const keks = parseKeks(text);
        expect([...keks.values()]).toEqual(keys);
        for (const one of keks.values()) one.fill(0);
        expect(Buffer.from(text)).toEqual(before);
      }),
    );
  });

  it('reads what it is given or refuses it, whatever it is', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('a=', ',', '\n', ' ', `a=${A}`, `b=${B}`, '='),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        try {
          for (const kek of parseKeks(bytes(pieces.join(''))).values()) expect(kek).toHaveLength(16);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidValueError);
        }
      }),
    );
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

const TEXT = `alpha=${A},beta=${A.toUpperCase()}`;
const ring = (): KekRing => KekRing.parse(Buffer.from(TEXT));
const CLEARED = 'these KEKs are no longer in force and have been cleared';

describe('the KEKs in force', () => {
  it('are found by their ids, the first one as the first', () => {
    const keks = ring();
    expect(keks.ids).toEqual(['alpha', 'beta']);
    expect(keks.first().id).toBe('alpha');
    expect(Buffer.from(keks.get('beta') ?? []).toString('hex')).toBe(A);
    expect(keks.get('gamma')).toBeUndefined();
  });

  it('are not printed', () => {
    for (const printed of [
      inspect(ring(), { showHidden: true, getters: true, depth: 9 }),
      JSON.stringify({ keks: ring() }),
    ]) {
      expect(printed).not.toMatch(/00|17|0x|Uint8Array/);
    }
  });
});

describe('retired KEKs', () => {
  it('are good until the work in hand is over, and then cleared and given to nobody', async () => {
    const keks = ring();
    const kek = keks.get('beta');
    keks.retire();
    expect(Buffer.from(kek ?? []).toString('hex')).toBe(A);
    await turn();
    expect(kek).toEqual(new Uint8Array(16));
    expect(() => keks.get('beta')).toThrow(CLEARED);
    expect(() => keks.first()).toThrow(CLEARED);
  });

  it('are kept for everyone who has borrowed them, and cleared after the last', async () => {
    const keks = ring();
    const kek = keks.get('alpha');
    const [one, other] = [keks.borrow(), keks.borrow()];
    keks.retire();
    one();
    // Once more, which must not count for the other one.
    one();
    await turn();
    expect(Buffer.from(keks.get('alpha') ?? []).toString('hex')).toBe(A);
    other();
    await turn();
    expect(kek).toEqual(new Uint8Array(16));
  });

  it('are kept for somebody who borrows them in the moment they are retired', async () => {
    const keks = ring();
    keks.retire();
    const giveBack = keks.borrow();
    await turn();
    expect(keks.get('alpha')).toHaveLength(16);
    giveBack();
    await turn();
    expect(() => keks.get('alpha')).toThrow(CLEARED);
  });

  it('are not cleared while they are in force', async () => {
    const keks = ring();
    keks.borrow()();
    await turn();
    expect(keks.get('alpha')).toHaveLength(16);
  });
});
