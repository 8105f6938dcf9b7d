import { Clock } from '@app/platform/clock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JwksUrl } from '../../apps/entitlement/src/auth/key-source.js';
import { SigningKeys } from '../../apps/entitlement/src/auth/signing-keys.js';
import { Environment } from '../../apps/entitlement/src/environment.js';
import { KeyServer, makeKey, MISBEHAVIOURS, type SigningKey } from '../../apps/entitlement/src/auth/testing/issuer.js';
import { BearerAttacker, refusalOf } from './bearer-attacker.js';

/** How long fetched keys are fresh, in seconds. */
const FRESH = 600;
/** For how long keys are used after that while they are fetched again, in seconds. */
const OVERLAP = 60;
const MAX_STALE = 120;
/** Least time between fetches that tokens with unknown keys cause, in seconds. */
const COOLDOWN = 30;
/** After how many seconds a caller is told to come again, and the issuer is asked again. */
const RETRY = 5;

const NEVER = ['never answers', 'begins and never ends', 'sends a byte now and then'];

let attacker: BearerAttacker;
let issuer: KeyServer;
const other = new KeyServer();

beforeAll(async () => {
  attacker = await BearerAttacker.start(
    {},
    {
      override: (module) =>
        module.overrideProvider(SigningKeys).useFactory({
          inject: [Environment, Clock],
          factory: ({ AUTH_JWKS_URL }: Environment, clock: Clock) =>
            new SigningKeys(new JwksUrl(AUTH_JWKS_URL, { timeoutMs: 1000, maxStaleSeconds: MAX_STALE }), clock),
        }),
    },
  );
  issuer = attacker.issuer;
  other.keys = [attacker.own.jwk];
  await other.up();
});
afterAll(async () => {
  await attacker.stop();
  await other.down();
});

/** Every test begins with keys that were fetched a while ago, but are fresh. */
beforeEach(async () => {
  issuer.answer = undefined;
  issuer.keys = [attacker.rsa.jwk, attacker.ec.jwk];
  pass(FRESH + MAX_STALE + 1);
  await statusOf(attacker.ec);
  pass(COOLDOWN);
  issuer.requests = 0;
});

function pass(seconds: number): void {
  attacker.service.clock.advance(seconds);
}

async function statusOf(key: SigningKey): Promise<number> {
  return (await attacker.present(await attacker.token({}, {}, key))).status;
}

function statusesOf(keys: SigningKey[]): Promise<number[]> {
  return Promise.all(keys.map(statusOf));
}

describe('rotation at the issuer', () => {
  it('old and new key at once; the new one is fetched once for all who bring it', async () => {
    const next = await makeKey('ES256', 'next');
    issuer.keys = [attacker.ec.jwk, next.jwk];
    const mixed = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? next : attacker.ec));
    expect(new Set(await statusesOf(mixed))).toEqual(new Set([200]));
    expect(issuer.requests).toBe(1);
  });

  it('a new key under the id of the old one', async () => {
    const next = await makeKey('ES256', 'ec');
    issuer.keys = [next.jwk];
    expect(await statusOf(next)).toBe(200);
    expect(await statusOf(attacker.ec)).toBe(401);
  });

  it('a withdrawn key is refused when the keys are fetched again', async () => {
    issuer.keys = [attacker.rsa.jwk];
    expect(await statusOf(attacker.ec)).toBe(200);
    pass(FRESH - COOLDOWN + OVERLAP);
    expect(await statusesOf([attacker.ec, attacker.rsa])).toEqual([401, 200]);
  });

  it('all keys withdrawn by an empty set: no token is good, until there are keys again', async () => {
    issuer.keys = [];
    pass(FRESH - COOLDOWN + OVERLAP);
    expect(await statusesOf([attacker.ec, attacker.rsa])).toEqual([401, 401]);
    expect(attacker.service.log.text).toContain('the issuer publishes no keys');
    issuer.keys = [attacker.ec.jwk];
    pass(COOLDOWN);
    expect(await statusOf(attacker.ec)).toBe(200);
  });

  it('keys that are due are fetched while nobody waits, however slow the issuer is', async () => {
    issuer.answer = MISBEHAVIOURS['never answers'];
    pass(FRESH - COOLDOWN);
    const start = performance.now();
    expect(new Set(await statusesOf(Array<SigningKey>(10).fill(attacker.ec)))).toEqual(new Set([200]));
    // The issuer has a whole second.
    expect(performance.now() - start).toBeLessThan(900);
    await expect.poll(() => issuer.requests).toBe(1);
  });
});

describe('a flood of tokens with unknown keys', () => {
  it('causes one fetch at a time and one in a while, and keeps nobody else out', async () => {
    const flood = async (): Promise<void> => {
      const tokens = await Promise.all(
        Array.from({ length: 60 }, (_, index) => attacker.token({}, { kid: `unknown-${index}` }, attacker.own)),
      );
      const answers = await Promise.all(tokens.map((token) => attacker.present(token)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
      expect(await statusOf(attacker.ec)).toBe(200);
    };
    await flood();
    expect(issuer.requests).toBe(1);
    pass(COOLDOWN - 1);
    await flood();
    expect(issuer.requests).toBe(1);
    pass(1);
    await flood();
    expect(issuer.requests).toBe(2);
  });

  it('a key id that exists and one that does not: the same answer, and the same question to the issuer', async () => {
    const seen = [];
    for (const kid of ['ec', 'nobody']) {
      pass(COOLDOWN);
      issuer.requests = 0;
      const refusal = await attacker.refusal(await attacker.token({}, { kid }, attacker.own));
      seen.push({ refusal, asked: issuer.requests });
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).toEqual({ refusal: refusalOf('signature'), asked: 1 });
  });
});

const LETDOWNS: typeof MISBEHAVIOURS = {
  ...MISBEHAVIOURS,
  'redirects to an attacker': (response) => void response.writeHead(302, { Location: other.url }).end(),
};

describe('a key server that lets one down', () => {
  it.each(Object.entries(LETDOWNS))(
    '%s: old keys for a bounded time, then 503, then new ones',
    async (name, answer) => {
      issuer.answer = answer;
      pass(FRESH - COOLDOWN);
      expect(await statusesOf([attacker.ec, attacker.rsa, attacker.ec])).toEqual([200, 200, 200]);
      await expect.poll(() => issuer.requests).toBe(1);
      pass(MAX_STALE);
      expect(await statusesOf([attacker.ec, attacker.own])).toEqual([200, 401]);
      pass(RETRY);
      const refused = await attacker.present(await attacker.token());
      expect([refused.status, refused.body]).toEqual([503, expect.objectContaining({ code: 'service-unavailable' })]);
      expect(refused.headers).toMatchObject({ 'retry-after': String(RETRY) });
      expect(refused.headers).not.toHaveProperty('www-authenticate');
      expect(JSON.stringify(refused)).not.toMatch(/canary|127\.0\.0\.1|jwks/);
      expect(other.requests).toBe(0);

      issuer.answer = undefined;
      pass(RETRY);
      expect(await statusOf(attacker.ec)).toBe(200);
      const reason = NEVER.includes(name) ? 'timeout' : '[a-z-]+';
      expect(attacker.service.log.text).toMatch(new RegExp(`"reason":"${reason}".*signing keys could not be read`));
      attacker.service.log.clear();
    },
  );

  it('is not asked by every request while it is down', async () => {
    issuer.answer = LETDOWNS['answers 500'];
    pass(FRESH + MAX_STALE + 1);
    expect(new Set(await statusesOf(Array<SigningKey>(50).fill(attacker.ec)))).toEqual(new Set([503]));
    expect(await statusOf(attacker.ec)).toBe(503);
    expect(issuer.requests).toBe(1);
  });

  it('is down altogether', async () => {
    await issuer.down();
    pass(FRESH - COOLDOWN);
    expect(await statusOf(attacker.ec)).toBe(200);
    pass(MAX_STALE + 1);
    expect(await statusOf(attacker.ec)).toBe(503);
    await issuer.up();
    pass(RETRY);
    expect(await statusOf(attacker.ec)).toBe(200);
  });
});

describe('what is left of all these tokens', () => {
  it('nothing in answers and log', () => {
    expect(attacker.answers.length).toBeGreaterThan(90);
    expect(attacker.traces()).toEqual([]);
  });
});
