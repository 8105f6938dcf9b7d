import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CanaryFinder, ENCODINGS, type Encoding } from './finder.js';

const KEY = randomBytes(16);
const TOKEN = `AQAAAA+/${randomBytes(40).toString('base64')}==`;
const finder = new CanaryFinder().addKey('key', KEY).addText('token', TOKEN);
const encodings = Object.keys(ENCODINGS) as Encoding[];
const around = (planted: string) => `{"level":"info","msg":"before ${planted} after"}\n`;

describe('the finder finds what was planted on purpose', () => {
  it.each(encodings)('a key, %s', (encoding) => {
    expect(finder.find(around(ENCODINGS[encoding](KEY)))).toContain(`key: ${encoding}`);
  });

  it.each(encodings)('the hex of a key, %s', (encoding) => {
    expect(finder.find(around(ENCODINGS[encoding](Buffer.from(KEY.toString('hex')))))).toContain(
      `hex of key: ${encoding}`,
    );
  });

  it.each(encodings)('half a key, %s', (encoding) => {
    const planted = around(ENCODINGS[encoding](KEY.subarray(0, 8)));
    expect(finder.find(planted)).toContain(`first half of key: ${encoding}`);
  });

  it.each(encodings)('a token, %s', (encoding) => {
    expect(finder.find(around(ENCODINGS[encoding](Buffer.from(TOKEN))))).toContain(`token: ${encoding}`);
  });

  it.each([
    ['printed by inspect', inspect({ kek: KEY })],
    ['printed by inspect as bytes', inspect({ kek: new Uint8Array(KEY) }, { breakLength: Infinity })],
    ['as a buffer in JSON', JSON.stringify({ kek: KEY })],
    ['as bytes in JSON', JSON.stringify({ kek: new Uint8Array(KEY) })],
    ['in a form', new URLSearchParams({ kek: KEY.toString('hex') }).toString()],
    ['in a form, as base64', new URLSearchParams({ kek: KEY.toString('base64') }).toString()],
    ['in a column of bytes', `(sintel,wrapped,"\\\\x${KEY.toString('hex')}")`],
    ['after other text in base64', Buffer.from(`1:${KEY.toString('hex')},`).toString('base64')],
    ['after a byte in base64', Buffer.concat([Buffer.of(1), KEY]).toString('base64')],
    ['in an error', String(new Error(`bad key ${KEY.toString('hex').toUpperCase()}`).stack)],
  ])('a key %s', (_, text) => {
    expect(finder.find(text)).not.toEqual([]);
  });

  it('and nothing where nothing is', () => {
    const other = randomBytes(16);
    expect(encodings.flatMap((encoding) => finder.find(around(ENCODINGS[encoding](other))))).toEqual([]);
  });
});
