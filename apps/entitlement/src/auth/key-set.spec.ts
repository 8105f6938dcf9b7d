import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { KeySet } from './key-set.js';
import { KeySourceError } from './key-source.js';
import { makeKey } from './testing/issuer.js';

let ec: JWK;
let rsa: JWK;
beforeAll(async () => {
  [ec, rsa] = (await Promise.all([makeKey('ES256', 'ec'), makeKey('RS256', 'rsa')])).map(({ jwk }) => jwk) as [
    JWK,
    JWK,
  ];
});

function parse(...keys: unknown[]): Promise<KeySet> {
  return KeySet.parse(JSON.stringify({ keys }));
}

async function count(set: KeySet, alg: string, kid?: string): Promise<number> {
  return (await set.candidates({ alg, kid })).length;
}

function rsaKey(bits: number): JWK {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return { ...publicKey.export({ format: 'jwk' }), kid: 'made', alg: 'RS256' };
}

describe('KeySet', () => {
  it('finds keys by id, kind and algorithm', async () => {
    const set = await parse(ec, { ...rsa, alg: undefined });
    expect([set.size, set.skipped, set.hasSecretKeys]).toEqual([2, 0, false]);
    expect(await count(set, 'ES256', 'ec')).toBe(1);
    expect(await count(set, 'ES256')).toBe(1);
    expect(await count(set, 'PS256', 'rsa')).toBe(1);
    expect(await count(set, 'ES256', 'rsa')).toBe(0);
    expect(await count(set, 'ES384', 'ec')).toBe(0);
    expect(await count(set, 'ES256', 'nobody')).toBe(0);
  });

  it.each<[string, () => unknown]>([
    ['is for encryption', () => ({ ...ec, use: 'enc' })],
    ['may not verify', () => ({ ...ec, key_ops: ['sign'] })],
    ['has operations that are no list', () => ({ ...ec, key_ops: 'verify' })],
    ['is for another algorithm', () => ({ ...rsa, alg: 'RSA-OAEP' })],
    ['is for HMAC', () => ({ ...rsa, alg: 'HS256' })],
    ['says that it is for none', () => ({ ...ec, alg: 'none' })],
    ['is for an algorithm of another type', () => ({ ...ec, alg: 'RS256' })],
    ['is for an algorithm that is a list', () => ({ ...ec, alg: ['ES256'] })],
    ['is of an unknown type', () => ({ ...ec, kty: 'XX', crv: undefined, alg: undefined })],
    ['is on a curve that is not accepted', () => ({ ...ec, crv: 'secp256k1', alg: undefined })],
    ['is not on its curve', () => ({ ...ec, x: ec.y })],
    ['lacks a half', () => ({ ...ec, y: undefined })],
    ['has an RSA modulus of 1024 bits', () => rsaKey(1024)],
    ['has an RSA modulus of 2047 bits', () => rsaKey(2047)],
    ['has the RSA exponent 1', () => ({ ...rsa, e: 'AQ' })],
    ['has an even RSA exponent', () => ({ ...rsa, e: 'AQAA' })],
    ['has no RSA exponent', () => ({ ...rsa, e: '' })],
    ['is symmetric', () => ({ kty: 'oct', k: 'c2VjcmV0', kid: 'ec' })],
    ['is a number', () => 7],
    ['is null', () => null],
    ['is a list', () => [ec]],
  ])('skips a key that %s', async (_, make) => {
    const set = await parse(make(), { ...ec, kid: 'good' });
    expect([set.size, set.skipped]).toEqual([1, 1]);
    expect(await count(set, 'ES256', 'good')).toBe(1);
    await expect(parse(make())).rejects.toMatchObject({ reason: 'no-usable-key' });
  });

  it('takes an RSA modulus of 2048 bits', async () => {
    expect(await count(await parse(rsaKey(2048)), 'RS256', 'made')).toBe(1);
  });

  it('uses no private key, and says that there is one', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const set = await parse({ ...(await exportJWK(privateKey)), kid: 'leaked' }, ec);
    expect([set.size, set.hasSecretKeys, await count(set, 'ES256', 'leaked')]).toEqual([1, true, 0]);
  });

  it('tries at most 16 keys for a token without a key id', async () => {
    const set = await parse(...Array.from({ length: 20 }, (_, index) => ({ ...ec, kid: String(index) })));
    expect(await count(set, 'ES256')).toBe(16);
  });

  it.each([
    ['garbage', '<canary>'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['an object without keys', '{"canary":1}'],
    ['keys that are no list', '{"keys":{"canary":1}}'],
    ['more than 100 keys', JSON.stringify({ keys: Array(101).fill(null) })],
    ['a deep list', '['.repeat(100_000)],
  ])('refuses %s without repeating it', async (_, text) => {
    const error: unknown = await KeySet.parse(text).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(KeySourceError);
    expect(error).toMatchObject({ reason: 'not-a-key-set' });
    expect(error).not.toHaveProperty('cause');
    expect(String((error as Error).stack)).not.toContain('canary');
  });

  it('refuses an empty set', async () => {
    await expect(parse()).rejects.toMatchObject({ reason: 'no-usable-key' });
  });

  it('takes an empty set from who may say so, but none of unusable keys', async () => {
    const none = await KeySet.parse('{"keys":[]}', true);
    expect([none.size, none.skipped, await count(none, 'ES256'), await count(none, 'ES256', 'ec')]).toEqual([
      0, 0, 0, 0,
    ]);
    await expect(KeySet.parse('{"keys":[null]}', true)).rejects.toMatchObject({ reason: 'no-usable-key' });
  });
});
