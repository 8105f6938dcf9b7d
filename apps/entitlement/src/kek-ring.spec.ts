import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { KekRing } from './kek-ring.js';

const HEX = '00112233445566778899aabbccddeeff';
const TEXT = `alpha=${HEX},beta=${HEX.toUpperCase()}`;
const ring = (): KekRing => KekRing.parse(Buffer.from(TEXT));
const CLEARED = 'these KEKs are no longer in force and have been cleared';

describe('the KEKs in force', () => {
  it('are found by their ids, the first one as the first', () => {
    const keks = ring();
    expect(keks.ids).toEqual(['alpha', 'beta']);
    expect(keks.first().id).toBe('alpha');
    expect(Buffer.from(keks.get('beta') ?? []).toString('hex')).toBe(HEX);
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
    expect(Buffer.from(kek ?? []).toString('hex')).toBe(HEX);
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
    expect(Buffer.from(keks.get('alpha') ?? []).toString('hex')).toBe(HEX);
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
