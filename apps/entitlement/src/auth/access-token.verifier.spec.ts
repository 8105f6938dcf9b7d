import { createHmac } from 'node:crypto';
import { ManualClock } from '@app/platform/clock';
import { loadEnvironment } from '@app/platform/configuration';
import { type CryptoKey, exportSPKI, importJWK } from 'jose';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Environment } from '../environment.js';
import { AccessTokenVerifier } from './access-token.verifier.js';
import { SigningKeysUnavailableError, UnauthenticatedError } from './auth.errors.js';
import { JwksUrl } from './key-source.js';
import { SigningKeys } from './signing-keys.js';
import { encodePart, KeyServer, makeKey, sign, type SigningKey, signText } from './testing/issuer.js';

const NOW = new Date('2026-11-21T10:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const SKEW = 5;
const good = { iss: 'https://issuer', aud: 'bff', sub: 'alice', exp: SECONDS + 60, scope: 'playback' };

const environment = loadEnvironment(Environment, {
  DATABASE_URL: 'postgresql://host/db',
  EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `1,${'0'.repeat(32)}`,
  CONTENT_KEY_KEKS: `demo=${'0'.repeat(32)}`,
  AUTH_ISSUER: good.iss,
  AUTH_AUDIENCE: good.aud,
  AUTH_JWKS_URL: 'https://unused',
});

let server: KeyServer;
let rsa: SigningKey;
let ec: SigningKey;
let clock: ManualClock;
let verifier: AccessTokenVerifier;

beforeAll(async () => {
  [rsa, ec] = await Promise.all([makeKey('RS256', 'rsa'), makeKey('ES256', 'ec')]);
});
beforeEach(async () => {
  server = new KeyServer();
  server.keys = [rsa.jwk, ec.jwk];
  await server.up();
  clock = new ManualClock(NOW);
  const source = new JwksUrl(server.url, { timeoutMs: 3000, maxStaleSeconds: 3600 });
  const log = { log: () => undefined, warn: () => undefined };
  verifier = new AccessTokenVerifier(environment, clock, new SigningKeys(source, clock, log));
  return () => server.down();
});

/** What is wrong with a token, or undefined. */
async function fault(token: string): Promise<string | undefined> {
  try {
    await verifier.verify(token);
    return undefined;
  } catch (error) {
    if (error instanceof UnauthenticatedError) return error.fault;
    throw error;
  }
}

describe('AccessTokenVerifier', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'])('takes %s and answers with the user', async (alg) => {
    const key = await makeKey(alg, 'one');
    server.keys = [key.jwk];
    const user = await verifier.verify(await sign(good, key));
    expect([user.id, [...user.scopes]]).toEqual(['alice', ['playback']]);
  });

  it.each([
    ['EdDSA', 'Ed25519'],
    ['Ed25519', 'EdDSA'],
  ])('takes a token that says %s for a key that says %s, two names of one algorithm', async (named, published) => {
    const key = await makeKey(named, 'one');
    server.keys = [{ ...key.jwk, alg: published }];
    expect(await fault(await sign(good, key))).toBeUndefined();
  });

  it.each([
    ['scope separated by spaces', { scope: 'a  playback b' }, ['a', 'playback', 'b']],
    ['scp as a list', { scp: ['playback', 7, ''] }, ['playback']],
    ['scp as a text', { scp: 'a playback' }, ['a', 'playback']],
    ['none', {}, []],
    ['an object', { scope: { playback: true } }, []],
  ])('reads %s', async (_, scopes, expected) => {
    const user = await verifier.verify(await sign({ ...good, scope: undefined, ...scopes }, ec));
    expect([...user.scopes]).toEqual(expected);
  });

  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['as it should be', {}, undefined],
    ['of several audiences', { aud: ['other', 'bff'] }, undefined],
    ['of another issuer', { iss: 'https://other' }, 'issuer'],
    ['without issuer', { iss: undefined }, 'issuer'],
    ['for another audience', { aud: 'other' }, 'audience'],
    ['without audience', { aud: undefined }, 'audience'],
    ['without subject', { sub: undefined }, 'subject'],
    ['with an empty subject', { sub: '' }, 'subject'],
    ['with a subject that is a number', { sub: 7 }, 'subject'],
    ['with a subject of 255 characters', { sub: 'x'.repeat(255) }, undefined],
    ['with a subject of 256 characters', { sub: 'x'.repeat(256) }, 'subject'],
    ['with a NUL in the subject', { sub: 'a\0b' }, 'subject'],
    ['without expiry', { exp: undefined }, 'claims'],
    ['with an expiry in words', { exp: 'tomorrow' }, 'claims'],
    ['with a start in words', { nbf: 'today' }, 'claims'],
    ['expired within the skew', { exp: SECONDS - SKEW + 1 }, undefined],
    ['expired at the edge of the skew', { exp: SECONDS - SKEW }, 'expired'],
    ['starting at the edge of the skew', { nbf: SECONDS + SKEW }, undefined],
    ['starting after the skew', { nbf: SECONDS + SKEW + 1 }, 'not-yet-valid'],
    ['issued after the skew', { iat: SECONDS + SKEW + 1 }, 'not-yet-valid'],
    ['with an issuer in a list', { iss: [good.iss] }, 'issuer'],
    ['with an audience in an object', { aud: { bff: true } }, 'audience'],
    ['with a confirmation', { cnf: { jkt: 'x' } }, 'bound'],
    ['with a nonce', { nonce: 'x' }, 'kind'],
  ])('takes or refuses a token %s', async (_, claims, expected) => {
    expect(await fault(await sign({ ...good, ...claims }, ec))).toBe(expected);
  });

  it('goes by the injected clock', async () => {
    const token = await sign(good, ec);
    clock.advance(60 + SKEW - 1);
    expect(await fault(token)).toBeUndefined();
    clock.advance(1);
    expect(await fault(token)).toBe('expired');
  });

  it('refuses unsigned tokens and tokens signed with the public key as a secret', async () => {
    const none = `${encodePart({ alg: 'none' })}.${encodePart(good)}.`;
    expect(await fault(none)).toBe('algorithm');
    const spki = await exportSPKI((await importJWK({ ...rsa.jwk, ext: true }, 'RS256')) as CryptoKey);
    const head = `${encodePart({ alg: 'HS256', kid: 'rsa' })}.${encodePart(good)}`;
    expect(await fault(`${head}.${createHmac('sha256', spki).update(head).digest('base64url')}`)).toBe('algorithm');
    expect(server.requests).toBe(0);
  });

  it('refuses an algorithm that is not on the list, although the key is known', async () => {
    const key = await makeKey('RS512', 'strong');
    server.keys = [key.jwk];
    expect(await fault(await sign(good, key))).toBe('algorithm');
  });

  it('refuses another key under a known id, and changed claims', async () => {
    const impostor = { ...(await makeKey('ES256')), kid: 'ec' };
    expect(await fault(await sign(good, impostor))).toBe('signature');
    const [head, , signature] = (await sign(good, ec)).split('.');
    expect(await fault(`${head}.${encodePart({ ...good, sub: 'bob' })}.${signature}`)).toBe('signature');
  });

  it.each(['', 'x', 'a.b.c', '..', `${encodePart({ alg: 'ES256' })}.e30.`, `${encodePart([])}.e30.AA`])(
    'refuses the malformed token %j',
    async (token) => {
      expect(await fault(token)).toMatch(/malformed|signature|unknown-key/);
    },
  );

  it.each([
    ['claims', `{"sub":"alice","sub":"mallory","iss":"https://issuer","aud":"bff","exp":${SECONDS + 60}}`],
    [
      'escaped claims',
      `{"sub":"alice","s\\u0075b":"mallory","iss":"https://issuer","aud":"bff","exp":${SECONDS + 60}}`,
    ],
    ['nothing but a list', '[]'],
    ['nothing but a text', '"sub"'],
    ['something else', 'sub=alice'],
  ])('refuses a signed token that repeats or has %s', async (_, text) => {
    expect(await fault(await signText(text, ec))).toBe('malformed');
  });

  it('tries every key of the kind for a token without a key id', async () => {
    const [first, second, other] = await Promise.all([makeKey('ES256'), makeKey('ES256'), makeKey('ES256')]);
    server.keys = [first.jwk, second.jwk];
    expect(await fault(await sign(good, second))).toBeUndefined();
    expect(await fault(await sign({ ...good, exp: 1 }, second))).toBe('expired');
    expect(await fault(await sign(good, other))).toBe('signature');
  });

  it('does the same work, and says the same, for an unknown key id as for a wrong signature', async () => {
    const impostors = [
      { ...(await makeKey('ES256')), kid: 'ec' },
      { ...(await makeKey('ES256')), kid: 'nobody' },
    ];
    await fault(await sign(good, ec));
    const work = vi.spyOn(crypto.subtle, 'verify');
    const seen: unknown[] = [];
    for (const impostor of impostors) {
      clock.advance(30);
      server.requests = 0;
      const refusal: unknown = await verifier.verify(await sign(good, impostor)).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(UnauthenticatedError);
      const { detail, headers } = refusal as UnauthenticatedError;
      seen.push({ detail, headers, verified: work.mock.calls.length, asked: server.requests });
      work.mockClear();
    }
    work.mockRestore();
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).toMatchObject({ verified: 1, asked: 1 });
  });

  it('refuses a good signature under the id of no key', async () => {
    expect(await fault(await sign(good, { ...ec, kid: 'nobody' }))).toBe('unknown-key');
  });

  it.each([
    ['is down', () => server.down(), () => server.up()],
    ['answers 500', () => void (server.status = 500), () => void (server.status = 200)],
    ['answers with something else', () => void Object.assign(server, { keys: 7 }), () => void (server.keys = [ec.jwk])],
  ])('blames itself when the key server %s, and recovers', async (_, breakIt, mendIt) => {
    const token = await sign(good, ec);
    await breakIt();
    await expect(verifier.verify(token)).rejects.toThrow(SigningKeysUnavailableError);
    await mendIt();
    clock.advance(5);
    expect(await fault(token)).toBeUndefined();
  });

  it('says nothing of the token in its errors', async () => {
    const token = await sign({ ...good, sub: 'canary', exp: 1 }, ec);
    const error: unknown = await verifier.verify(token).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(UnauthenticatedError);
    expect(error).not.toHaveProperty('cause');
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toMatch(/canary|eyJ/);
  });
});

describe('a token that was verified before', () => {
  it('is not verified again', async () => {
    const token = await sign(good, ec);
    const user = await verifier.verify(token);
    const verify = vi.spyOn(globalThis.crypto.subtle, 'verify');
    expect(await verifier.verify(token)).toBe(user);
    expect(verify).not.toHaveBeenCalled();
    verify.mockRestore();
  });

  it('is refused from its end on', async () => {
    const token = await sign(good, ec);
    expect(await fault(token)).toBeUndefined();
    clock.advance(60 + SKEW - 1);
    expect(await fault(token)).toBeUndefined();
    clock.advance(1);
    expect(await fault(token)).toBe('expired');
  });

  it('is refused when its key is gone', async () => {
    const token = await sign({ ...good, exp: SECONDS + 86_400 }, ec);
    expect(await fault(token)).toBeUndefined();
    server.keys = [rsa.jwk];
    clock.advance(3600);
    expect(await fault(token)).toBe('unknown-key');
  });

  it('is refused when the clock was set back before its beginning', async () => {
    const token = await sign({ ...good, nbf: SECONDS }, ec);
    expect(await fault(token)).toBeUndefined();
    clock.advance(-SKEW - 1);
    expect(await fault(token)).toBe('not-yet-valid');
  });

  it('is forgotten when ten thousand others came after it', async () => {
    const first = await sign(good, ec);
    const user = await verifier.verify(first);
    for (let other = 0; other < 10_000; other += 1)
      await verifier.verify(await sign({ ...good, jti: String(other) }, ec));
    expect(await verifier.verify(first)).not.toBe(user);
  });

  it('is forgotten sooner when the others are long, so that their scopes do not fill the memory', async () => {
    const scope = Array.from({ length: 600 }, (_, index) => `scope-${index}`).join(' ');
    const first = await sign(good, ec);
    const user = await verifier.verify(first);
    for (let other = 0; other < 1500; other += 1)
      await verifier.verify(await sign({ ...good, scope, jti: String(other) }, ec));
    const last = await sign({ ...good, scope }, ec);
    expect(await verifier.verify(last)).toBe(await verifier.verify(last));
    expect(await verifier.verify(first)).not.toBe(user);
  });
});
