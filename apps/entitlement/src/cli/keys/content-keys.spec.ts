import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyIntegrityError, unwrapKey, wrapKey } from '@app/expressplay';
import { rewrap } from './content-keys.js';

const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe('re-wrapping', () => {
  it('keeps the key, whatever it is and whatever it is wrapped under', () => {
    fc.assert(
      fc.property(sixteen, sixteen, sixteen, (key, from, to) => {
        expect(unwrapKey(to, rewrap(wrapKey(from, key), from, to))).toEqual(key);
      }),
    );
  });

  it('refuses what the old KEK does not unwrap', () => {
    const [from, to] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
    expect(() => rewrap(wrapKey(to, new Uint8Array(16)), from, to)).toThrow(KeyIntegrityError);
  });
});
