// A form as bytes that can be cleared once they are sent.
import type { WireParameter } from './key-parameters.js';

const HEX = Buffer.from('0123456789abcdef');

/**
 * The parameters as `application/x-www-form-urlencoded`, with a `+` as `%2B` (an unencoded one decodes to a space) and
 * bytes in hex. Clear it when it has been sent: strings cannot be, so keys never become one.
 */
export function encodeForm(parameters: readonly WireParameter[]): Buffer {
  const pairs = parameters.map(([name, value]) => ({
    text: Buffer.from(new URLSearchParams([[name, typeof value === 'string' ? value : '']]).toString()),
    key: typeof value === 'string' ? undefined : value,
  }));
  const length = pairs.reduce((sum, { text, key }) => sum + text.length + 2 * (key?.length ?? 0), 0);
  // Memory of its own, not a part of a pool that others write to.
  const form = Buffer.alloc(length + Math.max(0, pairs.length - 1));
  let end = 0;
  for (const { text, key } of pairs) {
    if (end > 0) end = form.writeUInt8(0x26, end);
    end += text.copy(form, end);
    text.fill(0);
    for (const byte of key ?? []) {
      end = form.writeUInt8(HEX.readUInt8(byte >> 4), end);
      end = form.writeUInt8(HEX.readUInt8(byte & 15), end);
    }
  }
  return form;
}
