// Property: whatever valid rights and policy are asked for, the emulator decodes exactly the parameters that were meant.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExpressPlayClient, type TokenRequest } from '@app/expressplay';
import { type Service, SERVICES } from './documented-codes.js';
import { ACCOUNTS } from './support/accounts.js';
import { expectToken } from './support/answers.js';
import {
  type Arranged,
  fairPlayRequests,
  playReadyRequests,
  text,
  undocumentedName,
  widevineRequests,
} from './support/arbitrary-requests.js';
import { EmulatorSession, TOKEN_PATHS } from './support/emulator-session.js';
import { comparable, intendedParameters, REDACTED } from './support/intended-parameters.js';
import { encode, entriesOf, type Entry, type Value } from './support/parameters.js';
import { clientOf, clientOptions } from './support/test-client.js';
import { VALID_REQUESTS } from './support/valid-requests.js';

const RUNS = 250;

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

const REQUESTS: Readonly<Record<Service, fc.Arbitrary<Arranged<TokenRequest>>>> = {
  playready: playReadyRequests,
  fairplay: fairPlayRequests,
  widevine: widevineRequests,
};

describe.each(SERVICES)('%s', (service) => {
  it('is asked for https when the client is told to', async () => {
    const secure = new ExpressPlayClient({ ...clientOptions(emulator), useHttps: true });
    try {
      const [request] = fc.sample(
        REQUESTS[service].filter(({ key }) => key.kind === 'clear'),
        1,
      );
      const { token } = await secure.requestToken(request!);
      const intended = { ...intendedParameters(request!), useHttps: 'true' };
      expect(comparable(await emulator.tokenParameters(token))).toEqual(comparable(intended));
    } finally {
      await secure.close();
    }
  });

  it('decodes what a typed request of the client means', async () => {
    await fc.assert(
      fc.asyncProperty(REQUESTS[service], async (request) => {
        const { key, kid } = request;
        if (key.stored !== undefined) {
          await emulator.storeKey(encodeURIComponent(kid!), Buffer.from(key.stored).toString('hex'));
        }
        const { token } = await client.requestToken(request);
        const decoded = await emulator.tokenParameters(token);
        expect(comparable(decoded)).toEqual(comparable(intendedParameters(request)));
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
        const decoded = await emulator.tokenParameters(expectToken(answer, service));
        const secret = ['customerAuthenticator', 'contentKey'];
        const intended: [string, Value][] = entries.map(([name, value]) => [
          name,
          secret.includes(name) ? REDACTED : value,
        ]);
        expect(comparable(decoded)).toEqual(comparable(Object.fromEntries(intended)));
      }),
      { numRuns: RUNS },
    );
  });
});
