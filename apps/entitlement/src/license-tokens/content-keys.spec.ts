import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { loadEnvironment } from '@app/platform/configuration';
import { type ContentKeySource, unwrapKey, wrapKey } from '@app/expressplay';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MountedSecrets } from '../../../../libs/platform/src/configuration/testing.js';
import type { StoredContentKey } from '../catalog/content.js';
import { Environment } from '../environment.js';
import { type BorrowedKeys, ContentKeys } from './content-keys.js';
import { KeyUnavailableError } from './license-tokens.errors.js';

const CONTENT_KEY = new Uint8Array(randomBytes(16));
const [OLD, NEW] = [randomBytes(16), randomBytes(16)];
const line = (id: string, kek: Buffer): string => `${id}=${kek.toString('hex')}\n`;
const under = (kekId: string, kek: Buffer): StoredContentKey => ({
  source: 'wrapped',
  kekId,
  ek: wrapKey(kek, CONTENT_KEY),
});

let mount: MountedSecrets;
beforeEach(() => {
  mount = new MountedSecrets({ keks: line('old', OLD) });
});
afterEach(() => mount.remove());

function sourceOf(borrowed: BorrowedKeys, key: StoredContentKey): ContentKeySource {
  return borrowed.sourcesOf([key])[0]!;
}

function sources(delivery: 'wrapped' | 'clear' = 'wrapped'): { keys: ContentKeys; environment: Environment } {
  const variables = {
    DATABASE_URL: 'postgresql://localhost/x',
    EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `1,${'0'.repeat(32)}`,
    CONTENT_KEY_KEKS_FILE: mount.path('keks'),
    CONTENT_KEY_DELIVERY: delivery,
    AUTH_ISSUER: 'x',
    AUTH_AUDIENCE: 'x',
    AUTH_JWKS_URL: 'file:///x',
    NODE_ENV: 'test',
  };
  const environment = loadEnvironment(Environment, variables, { listener: () => undefined });
  return { keys: new ContentKeys(environment), environment };
}

describe('a borrowed key', () => {
  it.each([
    ['wrapped', under('old', OLD), { kind: 'wrapped', kek: new Uint8Array(OLD) }],
    ['clear', under('old', OLD), { kind: 'clear', contentKey: CONTENT_KEY }],
    ['clear', { source: 'key-storage', kekId: 'old' } as const, { kind: 'key-storage', kek: new Uint8Array(OLD) }],
  ] as const)('of the %s way is what ExpressPlay is sent', (delivery, key, expected) => {
    const borrowed = sources(delivery).keys.borrow();
    expect(sourceOf(borrowed, key)).toMatchObject(expected);
    borrowed.giveBack();
  });

  it('is cleared when it was unwrapped and is given back', async () => {
    const borrowed = sources('clear').keys.borrow();
    const source = sourceOf(borrowed, under('old', OLD));
    const contentKey = source.kind === 'clear' ? source.contentKey : new Uint8Array();
    await turn();
    expect(contentKey).toEqual(CONTENT_KEY);
    borrowed.giveBack();
    expect(contentKey).toEqual(new Uint8Array(16));
  });

  it('is found under a KEK that came to the file a moment ago', () => {
    const borrowed = sources().keys.borrow();
    mount.swap({ keks: line('new', NEW) + line('old', OLD) });
    expect(sourceOf(borrowed, under('new', NEW))).toMatchObject({ kind: 'wrapped', kek: new Uint8Array(NEW) });
    borrowed.giveBack();
  });

  it('is found under a KEK that has left the file while it was being asked for, which is cleared afterwards', async () => {
    const { keys, environment } = sources();
    const ring = environment.CONTENT_KEY_KEKS.current;
    const borrowed = keys.borrow();
    mount.swap({ keks: line('new', NEW) });
    expect(environment.CONTENT_KEY_KEKS.refresh().ids).toEqual(['new']);
    await turn();
    expect(sourceOf(borrowed, under('old', OLD))).toMatchObject({ kek: new Uint8Array(OLD) });
    expect(sourceOf(borrowed, under('new', NEW))).toMatchObject({ kek: new Uint8Array(NEW) });
    borrowed.giveBack();
    await turn();
    expect(() => ring.get('old')).toThrow('have been cleared');
  });

  it.each([
    ['no KEK', under('none', OLD), 'KEK none is not among CONTENT_KEY_KEKS'],
    ['another KEK', under('old', NEW), 'KEK old does not unwrap the content key'],
  ])('is not available with %s of its id', (_, key, why) => {
    const borrowed = sources('clear').keys.borrow();
    const error = caught(() => sourceOf(borrowed, key));
    borrowed.giveBack();
    expect(error).toBeInstanceOf(KeyUnavailableError);
    expect(error).toMatchObject({ cause: { message: why } });
  });
});

describe('several keys of a title', () => {
  const OTHER_KEY = new Uint8Array(randomBytes(16));
  const other = (kekId: string, kek: Buffer): StoredContentKey => ({
    source: 'wrapped',
    kekId,
    ek: wrapKey(kek, OTHER_KEY),
  });
  const inStorage = (kekId: string): StoredContentKey => ({ source: 'key-storage', kekId });
  beforeEach(() => mount.swap({ keks: line('new', NEW) + line('old', OLD) }));

  it('of one KEK are sent as they are', () => {
    const borrowed = sources().keys.borrow();
    const keys = [under('old', OLD), other('old', OLD), inStorage('old')];
    expect(borrowed.sourcesOf(keys)).toEqual([
      { kind: 'wrapped', kek: new Uint8Array(OLD), ek: (keys[0] as { ek: Uint8Array }).ek },
      { kind: 'wrapped', kek: new Uint8Array(OLD), ek: (keys[1] as { ek: Uint8Array }).ek },
      { kind: 'key-storage', kek: new Uint8Array(OLD) },
    ]);
    borrowed.giveBack();
  });

  it.each<[string, StoredContentKey[], Buffer]>([
    ['the newest', [under('old', OLD), other('new', NEW)], NEW],
    ['that of a key in key storage', [under('new', NEW), inStorage('old'), other('old', OLD)], OLD],
  ])('of two KEKs are wrapped together under %s', (_, keys, kek) => {
    const borrowed = sources().keys.borrow();
    const sent = borrowed.sourcesOf(keys);
    expect(sent.map((source) => 'kek' in source && source.kek)).toEqual(keys.map(() => new Uint8Array(kek)));
    expect(sent.flatMap((source) => (source.kind === 'wrapped' ? [unwrapKey(kek, source.ek)] : []))).toEqual([
      CONTENT_KEY,
      OTHER_KEY,
    ]);
    borrowed.giveBack();
  });

  it('keep the KEK that they are wrapped under until they are given back, whatever becomes of the file', async () => {
    const { keys, environment } = sources();
    const borrowed = keys.borrow();
    const third = randomBytes(16);
    mount.swap({ keks: line('third', third) + line('new', NEW) + line('old', OLD) });
    environment.CONTENT_KEY_KEKS.refresh();
    const [source] = borrowed.sourcesOf([under('old', OLD), other('new', NEW)]);
    mount.swap({ keks: line('fourth', randomBytes(16)) });
    environment.CONTENT_KEY_KEKS.refresh();
    await turn();
    expect(source?.kind === 'wrapped' && unwrapKey(source.kek, source.ek)).toEqual(CONTENT_KEY);
    borrowed.giveBack();
  });

  it('are sent clear from whatever KEKs, and cleared when they are given back', () => {
    const borrowed = sources('clear').keys.borrow();
    const sent = borrowed.sourcesOf([under('old', OLD), other('new', NEW)]);
    expect(sent).toEqual([
      { kind: 'clear', contentKey: CONTENT_KEY },
      { kind: 'clear', contentKey: OTHER_KEY },
    ]);
    borrowed.giveBack();
    expect(sent.map((source) => source.kind === 'clear' && source.contentKey)).toEqual([
      new Uint8Array(16),
      new Uint8Array(16),
    ]);
  });

  it.each<[string, 'wrapped' | 'clear', StoredContentKey[]]>([
    ['in key storage under two KEKs', 'wrapped', [inStorage('old'), inStorage('new')]],
    ['in key storage beside one that is sent clear', 'clear', [inStorage('old'), under('old', OLD)]],
    ['wrapped under a KEK that is gone', 'wrapped', [under('old', OLD), other('gone', NEW)]],
    ['not what its KEK unwraps', 'clear', [under('old', OLD), other('old', NEW)]],
    ['not what its KEK unwraps, in a rotation', 'wrapped', [under('new', NEW), other('old', NEW)]],
  ])('are not available when one is %s', (_, delivery, keys) => {
    const borrowed = sources(delivery).keys.borrow();
    expect(() => borrowed.sourcesOf(keys)).toThrow(KeyUnavailableError);
    borrowed.giveBack();
  });
});

describe('the clear way', () => {
  it.each([
    ['wrapped', 0],
    ['clear', 1],
  ] as const)('is warned of at start: %s %i', (delivery, count) => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    sources(delivery).keys.onApplicationBootstrap();
    expect(warn).toHaveBeenCalledTimes(count);
    warn.mockRestore();
  });
});

function caught(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
