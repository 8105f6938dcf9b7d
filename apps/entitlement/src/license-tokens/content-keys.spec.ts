import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { loadEnvironment } from '@app/platform/configuration';
import { type ContentKeySource, wrapKey } from '@app/expressplay';
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
