import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUTHENTICATOR } from '../test-support/requests.js';
import {
  AuthenticatorChoice,
  type AuthenticatorFallback,
  type AuthenticatorPair,
  CustomerAuthenticator,
} from './authenticators.js';
import { RefusedError, TransportError } from './errors.js';

const codeOf = (act: () => unknown): unknown => {
  try {
    act();
    return 'fine';
  } catch (error) {
    expect(inspect(error, { showHidden: true })).not.toContain(AUTHENTICATOR.slice(7, 30));
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

describe('an authenticator', () => {
  it.each([
    ['of the documented form', AUTHENTICATOR, 'fine'],
    ['with its environment', `test:${AUTHENTICATOR}`, 'fine'],
    ['that is empty', '', -2017],
    ['without number', AUTHENTICATOR.slice(6), -2018],
    ['with a digit less', AUTHENTICATOR.slice(0, -1), -2018],
    ['with a line break at its end', `${AUTHENTICATOR}\n`, -2018],
    ['with an environment that there is not', `staging:${AUTHENTICATOR}`, -2018],
    ['with nothing but an environment', 'test:', -2018],
  ])('%s', (_, text, expected) => {
    expect(codeOf(() => CustomerAuthenticator.parse(text))).toBe(expected);
  });

  it.each([
    [AUTHENTICATOR, 'test', 'fine'],
    [AUTHENTICATOR, 'production', 'fine'],
    [`test:${AUTHENTICATOR}`, 'test', 'fine'],
    [`test:${AUTHENTICATOR}`, 'production', -2018],
    [`production:${AUTHENTICATOR}`, 'production', 'fine'],
    [`Production:${AUTHENTICATOR}`, 'test', -2018],
  ] as const)('%s is for %s: %s', (text, environment, expected) => {
    const authenticator = CustomerAuthenticator.parse(text);
    expect(codeOf(() => authenticator.keyFor(environment))).toBe(expected);
    if (expected === 'fine') expect(authenticator.keyFor(environment)).toBe(AUTHENTICATOR);
  });

  it('is the same as another by its key and its environment', () => {
    const [plain, again, labelled] = [AUTHENTICATOR, AUTHENTICATOR, `test:${AUTHENTICATOR}`].map((text) =>
      CustomerAuthenticator.parse(text),
    );
    expect([plain?.equals(again), plain?.equals(labelled), plain?.equals(undefined)]).toEqual([true, false, false]);
  });

  it('is not printed', () => {
    const authenticator = CustomerAuthenticator.parse(AUTHENTICATOR);
    const printed = [inspect({ authenticator }, { showHidden: true, depth: 9 }), JSON.stringify({ authenticator })];
    for (const text of printed) expect(text).toMatch(/^[^\d]*\[hidden\][^\d]*$/);
  });
});

const [A, B, C] = [1, 2, 3].map((number) => CustomerAuthenticator.parse(`${number},${'0'.repeat(32)}`)) as [
  CustomerAuthenticator,
  CustomerAuthenticator,
  CustomerAuthenticator,
];

const nameOf = (authenticator: CustomerAuthenticator): string => authenticator.keyFor('test').slice(0, 1);

/** An account whose authenticators are swapped, and of which ExpressPlay knows some. */
class World {
  known = new Set<CustomerAuthenticator>([A]);
  /** What the files hold, which is in force once somebody looks. */
  files: AuthenticatorPair = { first: A };
  inForce: AuthenticatorPair = { first: A };
  sent: string[] = [];
  readonly fallbacks: AuthenticatorFallback[] = [];
  readonly choice = new AuthenticatorChoice(
    { current: () => this.inForce, refresh: () => (this.inForce = this.files) },
    (fallback) => this.fallbacks.push(fallback),
  );

  /** Asks for a token: which authenticators were sent, and what came of it. */
  async ask(failure?: Error): Promise<{ sent: string; outcome: string }> {
    this.sent = [];
    const outcome = await this.choice
      .use(async (authenticator) => {
        this.sent.push(nameOf(authenticator));
        if (failure !== undefined) throw failure;
        if (!this.known.has(authenticator)) throw new RefusedError(401, -2018, '');
        return `token of ${nameOf(authenticator)}`;
      })
      .catch((error: Error) => error.name);
    return { sent: this.sent.join(), outcome };
  }
}

describe('one authenticator', () => {
  it('is sent once, and its refusal is the answer', async () => {
    const world = new World();
    expect(await world.ask()).toEqual({ sent: '1', outcome: 'token of 1' });
    world.known.clear();
    expect(await world.ask()).toEqual({ sent: '1', outcome: 'RefusedError' });
    expect(world.fallbacks).toEqual([]);
  });

  it('that was replaced in its file a moment ago is found there when the old one is refused', async () => {
    const world = new World();
    world.files = { first: B };
    world.known = new Set([B]);
    expect(await world.ask()).toEqual({ sent: '1,2', outcome: 'token of 2' });
    expect(await world.ask()).toEqual({ sent: '2', outcome: 'token of 2' });
    expect(world.fallbacks).toEqual([{ rejected: 'first', tried: 'first', outcome: 'accepted', switched: false }]);
  });
});

describe('the second authenticator', () => {
  const changing = (): World => {
    const world = new World();
    world.files = world.inForce = { first: A, second: B };
    return world;
  };

  it('is not sent while the first one is good', async () => {
    expect(await changing().ask()).toEqual({ sent: '1', outcome: 'token of 1' });
  });

  it('is preferred from its first token on, until it is refused and the first works again', async () => {
    const world = changing();
    world.known = new Set([B]);
    expect(await world.ask()).toEqual({ sent: '1,2', outcome: 'token of 2' });
    expect(await world.ask()).toEqual({ sent: '2', outcome: 'token of 2' });
    world.known = new Set([A]);
    expect(await world.ask()).toEqual({ sent: '2,1', outcome: 'token of 1' });
    expect(await world.ask()).toEqual({ sent: '1', outcome: 'token of 1' });
    expect(world.fallbacks).toEqual([
      { rejected: 'first', tried: 'second', outcome: 'accepted', switched: true },
      { rejected: 'second', tried: 'first', outcome: 'accepted', switched: true },
    ]);
  });

  it('is preferred until the files change', async () => {
    const world = changing();
    world.known = new Set([B, C]);
    await world.ask();
    world.files = world.inForce = { first: C, second: B };
    expect(await world.ask()).toEqual({ sent: '3', outcome: 'token of 3' });
  });

  it.each([
    ['a token', B, 'token of 2', 'accepted'],
    ['a refusal', A, 'RefusedError', 'rejected'],
  ])(
    'gives %s to whoever asked although the listener throws, and tells it once',
    async (_, known, expected, outcome) => {
      const told: string[] = [];
      const pair = (): AuthenticatorPair => ({ first: C, second: B });
      const choice = new AuthenticatorChoice({ current: pair, refresh: pair }, (fallback) => {
        told.push(fallback.outcome);
        throw new Error('listener');
      });
      const answer = await choice
        .use(async (authenticator) => {
          if (authenticator !== known) throw new RefusedError(401, -2018, '');
          return `token of ${nameOf(authenticator)}`;
        })
        .catch((error: Error) => error.name);
      expect([answer, told]).toEqual([expected, [outcome]]);
    },
  );

  it('is tried once, and is not preferred when it is refused too', async () => {
    const world = changing();
    world.known.clear();
    expect(await world.ask()).toEqual({ sent: '1,2', outcome: 'RefusedError' });
    expect(await world.ask()).toEqual({ sent: '1,2', outcome: 'RefusedError' });
    expect(world.fallbacks.map(({ outcome, switched }) => [outcome, switched])).toEqual(
      Array.from({ length: 2 }, () => ['rejected', false]),
    );
  });

  it.each([new RefusedError(400, -2019, ''), new RefusedError(401, undefined, ''), new TransportError('timeout')])(
    'is not sent after %s: a token may have been charged for',
    async (failure) => {
      expect(await changing().ask(failure)).toEqual({ sent: '1', outcome: failure.name });
    },
  );

  it('that is the same as the first is not sent', async () => {
    const world = new World();
    world.files = world.inForce = { first: A, second: A };
    world.known.clear();
    expect(await world.ask()).toEqual({ sent: '1', outcome: 'RefusedError' });
  });
});

describe('any history of swaps and withdrawals', () => {
  const authenticator = fc.constantFrom(A, B, C);
  const pair = fc.record({ first: authenticator, second: fc.option(authenticator, { nil: undefined }) });
  const step = fc.record({ files: pair, looked: fc.boolean(), known: fc.uniqueArray(authenticator) });

  it('gets a token whenever the authenticator in use, or the first other one in the files, is known', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const world = new World();
        for (const { files, looked, known } of steps) {
          world.files = files;
          if (looked) world.inForce = files;
          world.known = new Set(known);
          const before = world.inForce;
          const { sent, outcome } = await world.ask();
          const [used = '', other] = sent.split(',');
          expect([before.first, before.second].filter((one) => one !== undefined).map(nameOf)).toContain(used);
          const others = [files.first, files.second].filter((one) => one !== undefined && nameOf(one) !== used);
          const isKnown = (name: string | undefined): boolean => known.map(nameOf).includes(name ?? '');
          if (isKnown(used)) expect([sent, outcome]).toEqual([used, `token of ${used}`]);
          else if (others.length === 0) expect([sent, outcome]).toEqual([used, 'RefusedError']);
          else expect(outcome).toBe(isKnown(other) ? `token of ${other}` : 'RefusedError');
          if (!isKnown(used) && others.length > 0) expect(others.map((one) => one && nameOf(one))).toContain(other);
        }
      }),
      { numRuns: 500 },
    );
  });
});
