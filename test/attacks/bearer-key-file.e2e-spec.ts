import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKey, type SigningKey } from '../../apps/entitlement/src/auth/testing/issuer.js';
import { BearerAttacker } from './bearer-attacker.js';

let folder: string;
let attacker: BearerAttacker;
let version = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entitlement-test-keys-'));
  const first = await makeKey('ES256', 'first');
  await mount(keySet(first.jwk));
  attacker = await BearerAttacker.start({ AUTH_JWKS_URL: pathToFileURL(join(folder, 'jwks.json')).href });
});
afterAll(async () => {
  await attacker.stop();
  await rm(folder, { recursive: true });
});

/** As Kubernetes does: the file's name leads to a folder that is exchanged in one step. */
async function mount(content: string): Promise<void> {
  version += 1;
  const data = `..version-${version}`;
  await mkdir(join(folder, data));
  await writeFile(join(folder, data, 'jwks.json'), content);
  await symlink(data, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  if (version === 1) await symlink(join('..data', 'jwks.json'), join(folder, 'jwks.json'));
}

function keySet(...keys: JWK[]): string {
  return JSON.stringify({ keys });
}

async function statusOf(key: SigningKey): Promise<number> {
  return (await attacker.present(await attacker.token({}, {}, key))).status;
}

describe('a mounted key set', () => {
  it('is taken up when it changes, without a restart', async () => {
    attacker.service.clock.advance(1);
    expect(await statusOf(attacker.ec)).toBe(401);
    await mount(keySet(attacker.ec.jwk, attacker.rsa.jwk));
    attacker.service.clock.advance(1);
    expect([await statusOf(attacker.ec), await statusOf(attacker.rsa)]).toEqual([200, 200]);
  });

  it('withdraws a key within seconds', async () => {
    await mount(keySet(attacker.rsa.jwk));
    attacker.service.clock.advance(5);
    expect([await statusOf(attacker.ec), await statusOf(attacker.rsa)]).toEqual([401, 200]);
  });

  it.each([
    ['cut off', '{"keys":[{"kty":"RSA","n":"canary', 'not-a-key-set'],
    ['without usable keys', '{"keys":[{"kty":"oct","k":"canary"}]}', 'no-usable-key'],
    ['of 10 MiB', `{"keys":[],"canary":"${'x'.repeat(10 * 1024 * 1024)}"}`, 'too-large'],
  ])('stays in force when the new one is %s, and the log says so once', async (_, content, reason) => {
    attacker.service.log.clear();
    await mount(content);
    for (let minute = 0; minute < 5; minute += 1) {
      attacker.service.clock.advance(60);
      expect(await statusOf(attacker.rsa)).toBe(200);
    }
    const told = attacker.service.log.lines.filter(({ msg }) => msg === 'signing keys could not be read');
    expect(told).toEqual([expect.objectContaining({ level: 'warn', reason, oldKeys: true })]);
    expect(attacker.service.log.text).not.toContain('canary');
    await mount(keySet(attacker.rsa.jwk));
    attacker.service.clock.advance(5);
    await expect
      .poll(async () => {
        await statusOf(attacker.rsa);
        return attacker.service.log.text;
      })
      .toContain('signing keys can be read again');
  });

  it('stays in force while the file is gone', async () => {
    await rm(join(folder, 'jwks.json'));
    attacker.service.clock.advance(3600);
    expect(await statusOf(attacker.rsa)).toBe(200);
  });
});
