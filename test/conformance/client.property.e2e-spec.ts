// Properties: whatever valid rights and policy are asked for, the emulator decodes exactly the parameters that were meant; whatever
// else is asked for, the client refuses it with an error of its own.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExpressPlayClient, ExpressPlayError, InvalidTokenRequestError, RefusedError } from '@app/expressplay';
import {
  anyRequests,
  byName,
  intendedParameters,
  text,
  undocumentedName,
  validRequestsOf,
  type ArrangedRequest,
} from '../../libs/expressplay/test-support/testing.js';
import { timesOf } from '../support/soak.js';
import { type Service, SERVICES } from './documented-codes.js';
import { clientOf, clientOptions, EmulatorSession, expectToken, TOKEN_PATHS } from './support/emulator-session.js';
import { ACCOUNTS, encode, entriesOf, type Entry, VALID_REQUESTS } from './support/requests.js';

const RUNS = timesOf(50, 250);
const SECRETS = ['customerAuthenticator', 'contentKey', 'kek', 'ek'];

let emulator: EmulatorSession;
let client: ExpressPlayClient;
beforeAll(async () => {
  emulator = await EmulatorSession.start();
  client = clientOf(emulator);
});
afterAll(async () => {
  await client.close();
  await emulator.close();
});

/** Parameters as the emulator shows them: secrets redacted, the values of one name together. */
function shown(parameters: readonly (readonly string[])[]): string[][] {
  const values = new Map<string, string[]>();
  for (const [name = '', value = ''] of parameters) {
    values.set(name, [
      ...(values.get(name) ?? []),
      SECRETS.includes(name.replace(/\.\d+$/, '')) ? '[redacted]' : value,
    ]);
  }
  return byName([...values].map(([name, all]) => [name, ...all]));
}

/** Expects that the emulator decoded exactly these parameters. */
async function expectDecoded(token: string, parameters: readonly (readonly string[])[]): Promise<void> {
  const decoded = Object.entries(await emulator.tokenParameters(token)).map(([name, value]) => [
    name,
    ...[value].flat(),
  ]);
  expect(byName(decoded)).toEqual(shown(parameters));
}

describe.each(SERVICES)('%s', (service) => {
  const requests: fc.Arbitrary<ArrangedRequest> = validRequestsOf[service];

  it('is asked for https when the client is told to', async () => {
    const secure = new ExpressPlayClient({ ...clientOptions(emulator), useHttps: true });
    try {
      const clear = requests.filter(({ key }) => key.kind === 'clear');
      const [request] = fc.sample(clear, 1);
      const { token } = await secure.requestToken(request!);
      await expectDecoded(token, intendedParameters(request!, ACCOUNTS.good, true));
    } finally {
      await secure.close();
    }
  });

  it('decodes what a typed request of the client means', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const { stored, kid } = request;
        if (stored !== undefined) {
          await emulator.storeKey(encodeURIComponent(kid!), Buffer.from(stored).toString('hex'));
        }
        const { token } = await client.requestToken(request);
        await expectDecoded(token, intendedParameters(request, ACCOUNTS.good, false));
      }),
      { numRuns: RUNS },
    );
  });

  it('decodes any values, in any order, from query and body', async () => {
    const free = fc.uniqueArray(
      fc.tuple(
        fc.oneof(fc.constantFrom('cookie', ...(service === 'widevine' ? ['contentId'] : [])), undocumentedName),
        text(1, 32),
      ),
      { selector: ([name]) => name, maxLength: 5 },
    );
    const required = entriesOf({ customerAuthenticator: ACCOUNTS.good, ...VALID_REQUESTS[service] });
    // Each parameter with its place: where it comes in the order, and whether in the query.
    const asked = free
      .map((entries): Entry[] => [...required, ...entries])
      .chain((entries) =>
        fc.tuple(
          fc.shuffledSubarray(entries, { minLength: entries.length }),
          fc.array(fc.boolean(), { minLength: entries.length, maxLength: entries.length }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(asked, async ([entries, inQuery]) => {
        const query = encode(entries.filter((_entry, index) => inQuery[index]));
        const body = encode(entries.filter((_entry, index) => inQuery[index] !== true));
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        const answer = await emulator.send(`${TOKEN_PATHS[service]}?${query}`, { method: 'POST', headers, body });
        await expectDecoded(expectToken(answer, service), entries);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('whatever is asked', () => {
  it('is refused before it is sent, unless only the keys are wrong, or decoded as it was meant', async () => {
    const outcomes = { issued: 0, unsent: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(anyRequests, async (request) => {
        try {
          const { token } = await client.requestToken(request);
          outcomes.issued++;
          await expectDecoded(token, intendedParameters(request, ACCOUNTS.good, false));
        } catch (error) {
          if (error instanceof RefusedError) {
            expect([-4019, -4024]).toContain(error.code);
            outcomes.refused++;
          } else if (error instanceof InvalidTokenRequestError) {
            outcomes.unsent++;
          } else {
            throw error;
          }
        }
      }),
      { numRuns: 800 },
    );
    // That it is worth something: all three happen.
    expect(Object.values(outcomes).every((count) => count > 20)).toBe(true);
  });

  it('as parameters as they are ends in a token or in an error of the client', async () => {
    const value = fc.string({ unit: 'binary', maxLength: 70 });
    const entries = fc.array(
      fc.tuple(fc.oneof(value, fc.constantFrom('customerAuthenticator', 'kid', 'kek', 'errorFormat')), value),
    );
    const services: fc.Arbitrary<Service> = fc.constantFrom(...SERVICES);
    await fc.assert(
      fc.asyncProperty(services, entries, async (service, parameters) => {
        const outcome = await client.requestRaw(service, parameters).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ExpressPlayError);
        else expect(outcome).toHaveProperty('token');
      }),
      { numRuns: 200 },
    );
  });
});
