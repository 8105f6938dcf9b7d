import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeForm } from './form.js';

describe('the form', () => {
  it('encodes what a form must: + as %2B, a comma, ^, space, repeated names, bytes as hex', () => {
    const form = encodeForm([
      ['expirationTime', '+60'],
      ['kid', '^a b&c=d+e'],
      ['kek', Uint8Array.of(0, 1, 0xab, 0xff)],
      ['fpExtension', 'wudo,AA+/=='],
      ['fpExtension', 'wudo,é'],
    ]);
    expect(form.toString()).toBe(
      'expirationTime=%2B60&kid=%5Ea+b%26c%3Dd%2Be&kek=0001abff&fpExtension=wudo%2CAA%2B%2F%3D%3D&fpExtension=wudo%2C%C3%A9',
    );
  });

  it('is what the URL standard makes of the same names and values, whatever they are', () => {
    const text = fc.string({ unit: 'binary' });
    const value = fc.oneof(text, fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, value), { maxLength: 8 }), (parameters) => {
        const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
        const expected = new URLSearchParams();
        for (const [name, one] of parameters) expected.append(name, typeof one === 'string' ? one : hex(one));
        expect(encodeForm(parameters).toString()).toBe(expected.toString());
      }),
    );
  });

  it('has memory of its own, so that clearing it clears nothing else', () => {
    const form = encodeForm([['ek', new Uint8Array(24)]]);
    expect([form.byteOffset, form.buffer.byteLength]).toEqual([0, form.length]);
  });
});
