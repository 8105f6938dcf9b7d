import {
  createHmac,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { CompactEncrypt, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  encodePart,
  KeyServer,
  makeKey,
  type SigningKey,
  signText,
} from '../../apps/entitlement/src/auth/testing/issuer.js';
import { type Attack, BearerAttacker, refusalOf } from './bearer-attacker.js';

/** Where the attacker would like the service to look for keys. */
const lure = new KeyServer();
/** Keys of the issuer that are not there to verify tokens. */
const misfits: Record<string, SigningKey> = {};
let short: KeyObject;
let attacker: BearerAttacker;

beforeAll(async () => {
  attacker = await BearerAttacker.start();
  for (const kid of ['encryption', 'signing', 'other-algorithm']) misfits[kid] = await makeKey('RS256', kid);
  const made = generateKeyPairSync('rsa', { modulusLength: 1024 });
  short = made.privateKey;
  attacker.issuer.keys.push(
    { ...misfits['encryption']?.jwk, use: 'enc' },
    { ...misfits['signing']?.jwk, key_ops: ['sign'] },
    { ...misfits['other-algorithm']?.jwk, alg: 'RSA-OAEP-256' },
    { ...(made.publicKey.export({ format: 'jwk' }) as JWK), kid: 'short', alg: 'RS256' },
  );
  lure.keys = [attacker.own.jwk];
  await lure.up();
});
afterAll(async () => {
  await attacker.stop();
  await lure.down();
});

describe('a token that is as it should be', () => {
  it.each<[string, () => Promise<string>]>([
    ['signed with ES256', () => attacker.token()],
    ['signed with RS256', () => attacker.token({}, {}, attacker.rsa)],
    ['of type at+jwt', () => attacker.token({}, { typ: 'at+jwt' })],
    ['of type at+jwt, with a nonce', () => attacker.token({ nonce: 'n' }, { typ: 'at+jwt' })],
    ['with an address of keys, which is not looked at', () => attacker.token({}, { jku: lure.url })],
    [
      'within the clock skew',
      () => attacker.token({ iat: attacker.now + 5, nbf: attacker.now + 5, exp: attacker.now - 4 }),
    ],
    ['with times in fractions', () => attacker.token({ iat: attacker.now - 0.5, exp: attacker.now + 60.25 })],
  ])('is let in: %s', async (_, token) => {
    expect((await attacker.present(await token())).status).toBe(200);
    expect(lure.requests).toBe(0);
  });
});

describe('forged signatures', () => {
  it.each<Attack>([
    ['alg none', () => attacker.forge({ alg: 'none' }, () => ''), 'algorithm'],
    ['alg nOnE', () => attacker.forge({ alg: 'nOnE', kid: 'ec' }, () => ''), 'algorithm'],
    ['alg none with a signature', () => attacker.forge({ alg: 'none', kid: 'ec' }, () => 'AAAA'), 'algorithm'],
    ['a list of algorithms', () => attacker.forge({ alg: ['ES256', 'none'], kid: 'ec' }, () => ''), 'malformed'],
    ['HMAC with the public key as PEM', () => hmac((key) => key.export({ type: 'spki', format: 'pem' })), 'algorithm'],
    ['HMAC with the public key as DER', () => hmac((key) => key.export({ type: 'spki', format: 'der' })), 'algorithm'],
    ['HMAC with the public key as JWK', () => hmac(() => JSON.stringify(attacker.rsa.jwk)), 'algorithm'],
    ['HMAC with an empty secret', () => hmac(() => ''), 'algorithm'],
    ['an algorithm of the key that is not allowed', () => rs512(), 'algorithm'],
    ["another algorithm than the key's", () => attacker.token({}, {}, { ...attacker.own, kid: 'rsa' }), 'signature'],
    ['RS256 under the id of an EC key', () => attacker.token({}, {}, { ...attacker.rsa, kid: 'ec' }), 'signature'],
    ['no signature', async () => (await attacker.token()).replace(/[^.]*$/, ''), 'signature'],
    ['the signature 0, 0', () => attacker.forge({ alg: 'ES256', kid: 'ec' }, () => 'A'.repeat(86)), 'signature'],
    ['half a signature', async () => (await attacker.token()).slice(0, -43), 'signature'],
    ['changed claims', async () => swapClaims(await attacker.token(), attacker.claims({ sub: 'bob' })), 'signature'],
    [
      'a changed header',
      async () => swapHeader(await attacker.token(), { alg: 'ES256', kid: 'ec', x: 1 }),
      'signature',
    ],
    ['an unknown key', () => attacker.token({}, {}, attacker.own), 'signature'],
    ['an unknown key under a known id', () => attacker.token({}, {}, { ...attacker.own, kid: 'ec' }), 'signature'],
    ['an unknown key without id', () => attacker.token({}, {}, { ...attacker.own, kid: undefined }), 'signature'],
    ['a known key under an unknown id', () => attacker.token({}, {}, { ...attacker.ec, kid: 'nobody' }), 'signature'],
    ['a key id that is a path', () => attacker.token({}, { kid: '../../../../dev/null' }, attacker.own), 'signature'],
    ['a key id that is SQL', () => attacker.token({}, { kid: "ec' OR '1'='1" }, attacker.own), 'signature'],
    ['a key id that is in every object', () => attacker.token({}, { kid: '__proto__' }, attacker.own), 'signature'],
    ['a key id that is an object', () => attacker.token({}, { kid: { $ne: null } }), 'malformed'],
  ])('%s', async (_, token, fault) => {
    expect(await attacker.refusal(await token())).toEqual(refusalOf(fault));
  });
});

describe('keys that the token brings along', () => {
  it.each<[string, () => object]>([
    ['jwk', () => ({ jwk: attacker.own.jwk })],
    ['jwk, without id', () => ({ jwk: attacker.own.jwk, kid: undefined })],
    ['jku', () => ({ jku: lure.url })],
    ['x5u', () => ({ x5u: lure.url })],
    ['x5c', () => ({ x5c: [publicKey(attacker.own).export({ type: 'spki', format: 'der' }).toString('base64')] })],
    ['all of them, under a known id', () => ({ jwk: attacker.own.jwk, jku: lure.url, x5u: lure.url, kid: 'ec' })],
  ])('%s', async (_, header) => {
    expect(await attacker.refusal(await attacker.token({}, header(), attacker.own))).toEqual(refusalOf('signature'));
    expect(lure.requests).toBe(0);
  });
});

describe('keys of the issuer that may not verify tokens', () => {
  it.each(['encryption', 'signing', 'other-algorithm'])('the key for %s', async (kid) => {
    expect(await attacker.refusal(await attacker.token({}, {}, misfits[kid] ?? attacker.own))).toEqual(
      refusalOf('signature'),
    );
  });

  it('an RSA key of 1024 bits', async () => {
    const signature = (input: string) => createSign('sha256').update(input).sign(short, 'base64url');
    expect(await attacker.refusal(attacker.forge({ alg: 'RS256', kid: 'short' }, signature))).toEqual(
      refusalOf('signature'),
    );
    expect(await attacker.refusal(attacker.forge({ alg: 'RS256' }, signature))).toEqual(refusalOf('signature'));
  });
});

describe('tokens that ask for more, or are something else', () => {
  it.each<Attack>([
    ['a critical extension', () => attacker.token({}, { crit: ['b64'], b64: true }), 'extension'],
    [
      'an unknown critical extension',
      () => attacker.forge({ alg: 'ES256', kid: 'ec', crit: ['x'], x: 1 }, () => 'AA'),
      'extension',
    ],
    ['an ID token, by its nonce', () => attacker.token({ nonce: 'n' }, { typ: 'JWT' }), 'kind'],
    ['an ID token, by at_hash', () => attacker.token({ at_hash: 'h' }), 'kind'],
    ['an ID token, by c_hash', () => attacker.token({ c_hash: 'h' }), 'kind'],
    ['an ID token, for a client', () => attacker.token({ aud: 'web-client' }), 'audience'],
    ['a logout token', () => attacker.token({ events: {} }, { typ: 'logout+jwt' }), 'kind'],
    ['a DPoP proof', () => attacker.token({}, { typ: 'dpop+jwt', jwk: attacker.own.jwk }), 'kind'],
    ['a refresh token', () => attacker.token({ typ: 'Refresh' }), 'kind'],
    ['a DPoP-bound token without proof', () => attacker.token({ cnf: { jkt: 'k' } }, { typ: 'at+jwt' }), 'bound'],
    ['a certificate-bound token', () => attacker.token({ cnf: { 'x5t#S256': 'k' } }), 'bound'],
    ['a token in a token', async () => signText(await attacker.token(), attacker.ec, { cty: 'JWT' }), 'malformed'],
    ['an encrypted token', () => encrypted(), 'malformed'],
    [
      'JSON serialization',
      async () => Buffer.from(JSON.stringify({ payload: await attacker.token() })).toString('base64url'),
      'malformed',
    ],
  ])('%s', async (_, token, fault) => {
    expect(await attacker.refusal(await token())).toEqual(refusalOf(fault));
  });
});

// Last, when everything above has been presented.
describe('what is left of all these tokens', () => {
  it('nothing in answers and log', () => {
    expect(attacker.answers.length).toBeGreaterThan(50);
    expect(attacker.traces()).toEqual([]);
    expect(attacker.service.log.text).toContain('"reason":"unknown-key"');
  });

  it('the issuer was asked for keys once', () => {
    expect(attacker.issuer.requests).toBe(1);
  });
});

function publicKey(key: SigningKey): KeyObject {
  return createPublicKey({ key: key.jwk as JsonWebKey, format: 'jwk' });
}

function hmac(secret: (key: KeyObject) => string | Buffer): string {
  const key = secret(publicKey(attacker.rsa));
  return attacker.forge({ alg: 'HS256', kid: 'rsa' }, (input) =>
    createHmac('sha256', key).update(input).digest('base64url'),
  );
}

async function rs512(): Promise<string> {
  return attacker.token({}, {}, { ...(await makeKey('RS512')), kid: 'rsa' });
}

function swapClaims(token: string, claims: object): string {
  const [header, , signature] = token.split('.');
  return `${header}.${encodePart(claims)}.${signature}`;
}

function swapHeader(token: string, header: object): string {
  return `${encodePart(header)}${token.slice(token.indexOf('.'))}`;
}

function encrypted(): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(attacker.claims())))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'rsa' })
    .encrypt(publicKey(attacker.rsa));
}
