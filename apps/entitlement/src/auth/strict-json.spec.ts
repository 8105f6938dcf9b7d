import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { strictJsonObject } from './strict-json.js';

function read(text: string | Uint8Array): unknown {
  return strictJsonObject(Buffer.from(text).toString('base64url'));
}

describe('strictJsonObject', () => {
  it.each([
    ['{}'],
    ['{"a":{"b":1},"c":{"b":1},"d":[{"b":1},{"b":2}]}'],
    ['{"a":"a","b":["a","a"],"c":":"}'],
    [String.raw`{"a\"":1,"a":"\\","b":"{\"a\":1,\"a\":1}"}`],
    ['{ "a" : 1 ,\n "A" : -1e5, "":null, "__proto__":true, "toString":1 }'],
  ])('reads %s', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['{"a":1,"a":1}'],
    ['{"a":1,"b":2, "a" :3}'],
    [String.raw`{"sub":1,"s\u0075b":2}`],
    ['{"a":[{"b":{"c":1,"c":2}}]}'],
    ['{"a":{"b":1},"a":{"b":1}}'],
    ['{"":1,"":2}'],
  ])('refuses a repeated name in %s', (text) => {
    expect(() => read(text)).toThrow(/twice/);
  });

  it.each(['', '[]', 'null', '"a"', '1', '{', '{"a":1}}', "{'a':1}"])('refuses %j, which is no object', (text) => {
    expect(() => read(text)).toThrow(Error);
  });

  it('refuses what is not UTF-8', () => {
    expect(() => read(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow(/UTF-8/);
  });

  it('finds no repeated names where there are none, and every one that is put in', () => {
    const objects = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
    fc.assert(
      fc.property(objects, (object) => {
        const text = JSON.stringify(object);
        expect(read(text)).toEqual(JSON.parse(text));
        const [name] = Object.keys(JSON.parse(text) as object);
        expect(() => read(`${text.slice(0, -1)},${JSON.stringify(name)}:0}`)).toThrow(/twice/);
      }),
    );
  });
});
