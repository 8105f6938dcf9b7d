import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { KeyIntegrityError, unwrapKey, wrapKey } from './key-wrapping.js';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

// RFC 3394, section 4: all six vectors.
const KEY_128 = '00112233445566778899aabbccddeeff';
const KEK_256 = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const VECTORS = [
  {
    section: '4.1',
    kek: KEK_256.slice(0, 32),
    key: KEY_128,
    wrapped: '1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5',
  },
  {
    section: '4.2',
    kek: KEK_256.slice(0, 48),
    key: KEY_128,
    wrapped: '96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d',
  },
  { section: '4.3', kek: KEK_256, key: KEY_128, wrapped: '64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7' },
  {
    section: '4.4',
    kek: KEK_256.slice(0, 48),
    key: `${KEY_128}0001020304050607`,
    wrapped: '031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2',
  },
  {
    section: '4.5',
    kek: KEK_256,
    key: `${KEY_128}0001020304050607`,
    wrapped: 'a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1',
  },
  {
    section: '4.6',
    kek: KEK_256,
    key: `${KEY_128}000102030405060708090a0b0c0d0e0f`,
    wrapped: '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21',
  },
];

describe('AES Key Wrap (RFC 3394)', () => {
  it.each(VECTORS)('wraps as in section $section', ({ kek, key, wrapped }) => {
    expect(toHex(wrapKey(hex(kek), hex(key)))).toBe(wrapped);
  });

  it.each(VECTORS)('unwraps as in section $section', ({ kek, key, wrapped }) => {
    expect(toHex(unwrapKey(hex(kek), hex(wrapped)))).toBe(key);
  });

  it('wraps a content key into 24 bytes', () => {
    expect(wrapKey(randomBytes(32), randomBytes(16))).toHaveLength(24);
  });

  it('refuses a key wrapped under another KEK', () => {
    const wrapped = wrapKey(randomBytes(16), randomBytes(16));
    expect(() => unwrapKey(randomBytes(16), wrapped)).toThrow(KeyIntegrityError);
  });

  it.each([0, 7, 8, 23])('refuses a wrapped key whose byte %i was changed', (position) => {
    const kek = randomBytes(16);
    const wrapped = wrapKey(kek, randomBytes(16));
    wrapped[position]! ^= 1;
    expect(() => unwrapKey(kek, wrapped)).toThrow(KeyIntegrityError);
  });

  it('says nothing of the keys in an error', () => {
    const kek = randomBytes(16);
    const wrapped = wrapKey(randomBytes(16), randomBytes(16));
    let caught: unknown;
    try {
      unwrapKey(kek, wrapped);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(KeyIntegrityError);
    const text = inspect(caught, { depth: Infinity, showHidden: true });
    expect(text).not.toContain(toHex(kek));
    expect(text).not.toContain(toHex(wrapped));
    expect((caught as Error).cause).toBeUndefined();
  });

  it.each([0, 8, 15, 17, 31, 33])('refuses a KEK of %i bytes', (length) => {
    expect(() => wrapKey(randomBytes(length), randomBytes(16))).toThrow(RangeError);
    expect(() => unwrapKey(randomBytes(length), randomBytes(24))).toThrow(RangeError);
  });

  it.each([0, 8, 15, 17, 23])('refuses to wrap a key of %i bytes', (length) => {
    expect(() => wrapKey(randomBytes(16), randomBytes(length))).toThrow(RangeError);
  });

  it.each([0, 16, 23, 25])('refuses to unwrap %i bytes', (length) => {
    expect(() => unwrapKey(randomBytes(16), randomBytes(length))).toThrow(RangeError);
  });
});
