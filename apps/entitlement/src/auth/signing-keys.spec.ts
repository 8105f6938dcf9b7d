import { ManualClock } from '@app/platform/clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { SigningKeysUnavailableError } from './auth.errors.js';
import type { KeySet } from './key-set.js';
import { type KeyPace, type KeySource, KeySourceError } from './key-source.js';
import { SigningKeys } from './signing-keys.js';
import { makeKey } from './testing/issuer.js';

const pace: KeyPace = {
  refreshSeconds: 600,
  overlapSeconds: 60,
  retrySeconds: 5,
  unknownKeySeconds: 30,
  maxStaleSeconds: 3600,
};
const [one, two] = (await Promise.all([makeKey('ES256', 'one'), makeKey('ES256', 'two')])).map(({ jwk }) =>
  JSON.stringify({ keys: [jwk] }),
) as [string, string];

/** Answers with the text, or fails when there is none; held back while `held` is set. */
class Source implements KeySource {
  readonly pace = pace;
  mayBeEmpty = false;
  text: string | undefined = one;
  reads = 0;
  #release: (() => void) | undefined;
  #gate: Promise<void> = Promise.resolve();

  hold(): void {
    this.#gate = new Promise((resolve) => (this.#release = resolve));
  }

  release(): void {
    this.#release?.();
    this.#gate = Promise.resolve();
  }

  async read(): Promise<string> {
    this.reads += 1;
    await this.#gate;
    if (this.text === undefined) throw new KeySourceError('unreachable');
    return this.text;
  }
}

let source: Source;
let clock: ManualClock;
let lines: { level: string; message: string; facts: object }[];
let keys: SigningKeys;
beforeEach(() => {
  source = new Source();
  clock = new ManualClock(new Date('2026-11-21T10:00:00Z'));
  lines = [];
  const note = (level: string) => (facts: object, message: string) => void lines.push({ level, message, facts });
  keys = new SigningKeys(source, clock, { log: note('info'), warn: note('warn') });
});

async function idsIn(set: KeySet | undefined): Promise<string[]> {
  const found: string[] = [];
  for (const kid of ['one', 'two']) if ((await set?.candidates({ alg: 'ES256', kid }))?.length === 1) found.push(kid);
  return found;
}

describe('SigningKeys.current', () => {
  it('reads once for all that wait, and not again while the keys are fresh', async () => {
    const sets = await Promise.all(Array.from({ length: 50 }, () => keys.current()));
    clock.advance(599);
    sets.push(await keys.current());
    expect(new Set(sets).size).toBe(1);
    expect(source.reads).toBe(1);
  });

  it('makes no second attempt while the first one lasts', async () => {
    source.hold();
    const first = keys.current();
    clock.advance(60);
    const second = keys.current();
    source.release();
    expect(await first).toBe(await second);
    expect(source.reads).toBe(1);
  });

  it('lets nobody wait while keys that are due are read again', async () => {
    await keys.current();
    source.text = two;
    source.hold();
    for (const seconds of [600, 59]) {
      clock.advance(seconds);
      expect(await idsIn(await keys.current())).toEqual(['one']);
    }
    expect(source.reads).toBe(2);
    source.release();
    await expect.poll(async () => idsIn(await keys.current())).toEqual(['two']);
    expect(source.reads).toBe(2);
  });

  it('waits for new keys when nobody has asked for a while', async () => {
    await keys.current();
    source.text = two;
    clock.advance(660);
    expect(await idsIn(await keys.current())).toEqual(['two']);
  });

  it('takes an empty set as a withdrawal of all keys where the source says so', async () => {
    source.mayBeEmpty = true;
    await keys.current();
    source.text = '{"keys":[]}';
    clock.advance(660);
    const none = await keys.current();
    expect([none.size, await idsIn(none)]).toEqual([0, []]);
    expect(lines.at(-1)).toMatchObject({ level: 'warn', message: expect.stringContaining('publishes no keys') });
    // As any token does that no key verifies, the next one causes a look for others.
    source.text = two;
    clock.advance(30);
    expect(await idsIn(await keys.otherThan(none))).toEqual(['two']);
  });

  it('keeps the object of a set that did not change', async () => {
    const set = await keys.current();
    clock.advance(660);
    expect(await keys.current()).toBe(set);
    expect(source.reads).toBe(2);
  });

  it('uses the last good keys for as long as allowed, and not a second longer', async () => {
    await keys.current();
    source.text = undefined;
    clock.advance(600 + 3600);
    expect(await idsIn(await keys.current())).toEqual(['one']);
    clock.advance(1);
    await expect(keys.current()).rejects.toThrow(SigningKeysUnavailableError);
    source.text = one;
    clock.advance(5);
    expect(await idsIn(await keys.current())).toEqual(['one']);
  });

  it('lets nobody wait for a source that is known to fail, and takes new keys when it is back', async () => {
    await keys.current();
    source.text = undefined;
    clock.advance(660);
    await keys.current();
    clock.advance(5);
    source.hold();
    expect(await idsIn(await keys.current())).toEqual(['one']);
    expect(source.reads).toBe(3);
    source.text = two;
    source.release();
    await expect.poll(async () => idsIn(await keys.current())).toEqual(['two']);
  });

  it('waits for new keys when nobody has asked for a while since the source failed, all that ask', async () => {
    await keys.current();
    source.text = undefined;
    clock.advance(660);
    await keys.current();
    source.text = two;
    clock.advance(60);
    source.hold();
    const sets = [keys.current(), keys.current()];
    source.release();
    for (const set of sets) expect(await idsIn(await set)).toEqual(['two']);
    expect(source.reads).toBe(3);
  });

  it('does not overrun a source that fails, with keys or without', async () => {
    source.text = undefined;
    for (let request = 0; request < 20; request += 1) await expect(keys.current()).rejects.toThrow(/cannot be checked/);
    expect(source.reads).toBe(1);
    clock.advance(5);
    await expect(keys.current()).rejects.toThrow(/cannot be checked/);
    expect(source.reads).toBe(2);
  });

  it('keeps the last good keys when the answer is no set', async () => {
    await keys.current();
    for (const bad of ['', 'garbage', '{}', '{"keys":[]}', '{"keys":[{"kty":"oct","k":"AA"}]}']) {
      source.text = bad;
      clock.advance(600);
      expect(await idsIn(await keys.current())).toEqual(['one']);
    }
  });

  it('is not fooled by a clock that is set back', async () => {
    await keys.current();
    clock.advance(-86_400);
    source.text = two;
    expect(await idsIn(await keys.current())).toEqual(['two']);
  });
});

describe('SigningKeys.otherThan', () => {
  it('answers with the keys that the issuer has by now', async () => {
    const old = await keys.current();
    source.text = two;
    clock.advance(30);
    expect(await idsIn(await keys.otherThan(old))).toEqual(['two']);
    // Those who still have the old keys get the new ones without another attempt.
    expect(await idsIn(await keys.otherThan(old))).toEqual(['two']);
    expect(source.reads).toBe(2);
  });

  it('shares one attempt, and makes no other for a while, however many ask', async () => {
    const set = await keys.current();
    clock.advance(30);
    const ask = () => Promise.all(Array.from({ length: 100 }, () => keys.otherThan(set)));
    expect(new Set(await ask())).toEqual(new Set([undefined]));
    expect(source.reads).toBe(2);
    clock.advance(29);
    await ask();
    expect(source.reads).toBe(2);
    clock.advance(1);
    await ask();
    expect(source.reads).toBe(3);
  });

  it('answers with none when the source fails', async () => {
    const set = await keys.current();
    source.text = undefined;
    clock.advance(30);
    expect(await keys.otherThan(set)).toBeUndefined();
    expect(await keys.current()).toBe(set);
  });
});

describe('what the log says', () => {
  it('tells a change, a failure once, and its end', async () => {
    await keys.current();
    source.text = undefined;
    for (let attempt = 0; attempt < 5; attempt += 1) {
      clock.advance(600);
      await keys.current();
    }
    source.text = one;
    clock.advance(5);
    const told = async (): Promise<number> => {
      await keys.current();
      return lines.length;
    };
    await expect.poll(told).toBe(3);
    expect(lines).toEqual([
      { level: 'info', message: 'signing keys read', facts: { keys: 1, skipped: 0 } },
      {
        level: 'warn',
        message: 'signing keys could not be read',
        facts: { reason: 'unreachable', detail: 'The key set cannot be reached.', oldKeys: true },
      },
      { level: 'info', message: 'signing keys can be read again', facts: { keys: 1, skipped: 0 } },
    ]);
  });

  it('warns of private keys', async () => {
    const [key] = (JSON.parse(one) as { keys: object[] }).keys;
    source.text = JSON.stringify({ keys: [key, { kty: 'oct', k: 'canary' }] });
    await keys.current();
    expect(lines.at(-1)).toMatchObject({ level: 'warn', facts: { keys: 1, skipped: 1 } });
    expect(JSON.stringify(lines)).not.toContain('canary');
  });
});
