import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ManualClock } from '@app/platform/clock';
import { ConfigurationError } from '@app/platform/configuration';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { openSigningKeys } from './signing-keys.js';
import type { SigningKeys } from './signing-keys.js';
import { KeyServer, makeKey } from './testing/issuer.js';

const [one, two] = (await Promise.all([makeKey('ES256', 'one'), makeKey('ES256', 'two')])).map(({ jwk }) => jwk) as [
  JWK,
  JWK,
];

let folder: string;
let clock: ManualClock;
let lines: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'canary-'));
  clock = new ManualClock(new Date('2026-11-21T10:00:00Z'));
  lines = [];
  return () => rmSync(folder, { recursive: true });
});

function open(url: string): Promise<SigningKeys> {
  const note = (facts: object, message: string) => void lines.push(`${message} ${JSON.stringify(facts)}`);
  return openSigningKeys({ AUTH_JWKS_URL: url }, clock, { log: note, warn: note });
}

function openFile(path: string): Promise<SigningKeys> {
  return open(pathToFileURL(path).href);
}

async function has(keys: SigningKeys, kid: string): Promise<boolean> {
  return (await (await keys.current()).candidates({ alg: 'ES256', kid })).length > 0;
}

/** What Kubernetes does: a folder of its own for each version, and one symlink that is swapped in a single step. */
function mount(version: string, content: string): string {
  mkdirSync(join(folder, version));
  writeFileSync(join(folder, version, 'jwks.json'), content);
  symlinkSync(version, join(folder, 'data.new'));
  renameSync(join(folder, 'data.new'), join(folder, '..data'));
  return join(folder, '..data', 'jwks.json');
}

describe('openSigningKeys with a file', () => {
  it('takes up a mounted file that is swapped, and withdraws what is gone', async () => {
    const keys = await openFile(mount('v1', JSON.stringify({ keys: [one] })));
    mount('v2', JSON.stringify({ keys: [one, two] }));
    expect(await has(keys, 'two')).toBe(false);
    clock.advance(5);
    expect(await has(keys, 'two')).toBe(true);
    mount('v3', JSON.stringify({ keys: [two] }));
    clock.advance(5);
    expect([await has(keys, 'one'), await has(keys, 'two')]).toEqual([false, true]);
  });

  it('looks sooner when a token is signed with an unknown key', async () => {
    const keys = await openFile(mount('v1', JSON.stringify({ keys: [one] })));
    const old = await keys.current();
    mount('v2', JSON.stringify({ keys: [two] }));
    expect(await keys.otherThan(old)).toBeUndefined();
    clock.advance(1);
    expect(await keys.otherThan(old)).toBeDefined();
    expect(await has(keys, 'two')).toBe(true);
  });

  it.each([
    ['no JSON', 'canary', 'not-a-key-set'],
    ['cut off', JSON.stringify({ keys: [two] }).slice(0, -3), 'not-a-key-set'],
    ['empty', '', 'not-a-key-set'],
    ['without keys', '{"keys":[]}', 'no-usable-key'],
    ['huge', ' '.repeat(300_000), 'too-large'],
    ['gone', undefined, 'unreadable'],
  ])('keeps the old keys, and says so once, when the new file is %s', async (_, content, reason) => {
    const path = mount('v1', JSON.stringify({ keys: [one] }));
    const keys = await openFile(path);
    if (content === undefined) rmSync(path);
    else mount('v2', content);
    for (let week = 0; week < 3; week += 1) {
      clock.advance(7 * 86_400);
      expect(await has(keys, 'one')).toBe(true);
    }
    const told = lines.filter((line) => line.startsWith('signing keys could not be read'));
    expect(told).toEqual([expect.stringContaining(`"reason":"${reason}"`)]);
    expect(told.join()).not.toContain('canary');
    mount('v3', JSON.stringify({ keys: [two] }));
    clock.advance(5);
    await expect.poll(() => has(keys, 'two')).toBe(true);
  });

  it.each<[string, (path: string) => void]>([
    ['missing', () => undefined],
    ['a folder', (path) => mkdirSync(path)],
    ['without end', (path) => symlinkSync('/dev/zero', path)],
    ['no JSON', (path) => writeFileSync(path, 'canary')],
    ['no key set', (path) => writeFileSync(path, '{"canary":1}')],
  ])('refuses a file that is %s, naming the variable', async (_, make) => {
    const path = join(folder, 'jwks.json');
    make(path);
    const error: unknown = await openFile(path).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toBe('AUTH_JWKS_URL: names a file that is not a readable JSON Web Key Set');
  });

  it('refuses a file without usable keys', async () => {
    const path = mount('v1', '{"keys":[]}');
    await expect(openFile(path)).rejects.toThrow(/^AUTH_JWKS_URL: names a file without a public key/);
  });

  it('refuses private keys', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const path = mount('v1', JSON.stringify({ keys: [one, await exportJWK(privateKey)] }));
    await expect(openFile(path)).rejects.toThrow(/^AUTH_JWKS_URL: names a file with private keys/);
  });
});

describe('openSigningKeys with a URL', () => {
  it('asks when a key is first needed, so that the service starts without the issuer', async () => {
    const server = new KeyServer();
    server.keys = [one];
    await server.up();
    const keys = await open(server.url);
    expect(server.requests).toBe(0);
    expect(await has(keys, 'one')).toBe(true);
    await server.down();
    clock.advance(4201);
    await expect(keys.current()).rejects.toThrow(/cannot be checked/);
  });
});
