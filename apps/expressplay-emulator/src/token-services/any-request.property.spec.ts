import { eventCodesOf } from '@app/expressplay';
import { ManualClock } from '@app/platform/clock';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountDirectory, AccountService } from '../accounts/accounts.js';
import type { Environment } from '../environment.js';
import { EventRecords } from '../event-records/event-records.js';
import { FaultRegistry } from '../faults/faults.js';
import { Metrics, RedemptionLog } from '../inspection/records.js';
import { RedemptionService } from '../license-servers/license-servers.js';
import { decodeParameters, PARAMETER_NAMES } from '../protocol/parameters.js';
import { askForToken, authenticatorOf, outcomeOf, TOKEN_PATH } from '../testing/ask.js';
import { type RunningEmulator, startEmulator } from '../testing/running-emulator.js';
import {
  type Asked,
  entriesOf,
  FAIRPLAY_REQUEST,
  PLAYREADY_RENTAL,
  WIDEVINE_REQUEST,
  wrappedKeyParameters,
} from '../testing/valid-requests.js';
import { TokenSealer } from '../tokens/token.js';
import { FAIRPLAY } from './fairplay.js';
import { PLAYREADY } from './playready.js';
import type { TokenServiceDefinition } from './checks.js';
import { WIDEVINE } from './widevine.js';

const NOW = new Date('2026-11-21T10:00:00Z');
const CASES: [TokenServiceDefinition, Asked][] = [
  [PLAYREADY, PLAYREADY_RENTAL],
  [FAIRPLAY, FAIRPLAY_REQUEST],
  [WIDEVINE, WIDEVINE_REQUEST],
];

const { kek, ek } = wrappedKeyParameters();
/** Values that are right for one parameter and wrong for others, at their bounds and beyond them. */
const NEAR_VALUES = [
  ['', ' ', '0', '1', '2', '6', '999', '1000', '-1', '4294967295', '4294967296', '0000', '00000001'],
  ['+0', '+1', '+2592000', '+99999999999', '9999-12-31T23:59:59.999Z', '0000-01-01T00:00:00Z'],
  [`2026-12-01T00:00:00.${'9'.repeat(400)}Z`, '2026-11-22T24:00:00Z', '2026-11-22T23:59:60Z'],
  ['BuyToOwn', 'Rental', 'Allow', 'wudo', 'wudo,AAAAAA==', ',', '^', `^${'🎬'.repeat(64)}`, kek, ek],
].flat();
const known = fc.constantFrom<string>(...Object.values(PARAMETER_NAMES).flat());
const numbered = fc.tuple(known, fc.integer({ min: 0, max: 3 })).map(([base, number]) => `${base}.${number}`);
const name = fc.oneof(known, numbered, fc.string({ unit: 'binary' }));
const value = fc.oneof(
  fc.constantFrom(...NEAR_VALUES),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'binary-ascii' }),
);
/** Changes to a valid request: parameters replaced, left out and added. */
const changes = fc.dictionary(name, fc.option(fc.oneof(value, fc.array(value)), { nil: undefined }));

describe.each(CASES)('$service', (definition, valid) => {
  it('answers any parameters with terms that can be redeemed, or with a code that is documented for it', () => {
    const documented = new Set<unknown>(['accepted', ...eventCodesOf(definition.service)]);
    const sealer = new TokenSealer();
    const environment = { EMULATOR_ENVIRONMENT: 'test' } as Environment;
    const accounts = new AccountService(new AccountDirectory(environment), environment);
    const clock = new ManualClock(NOW);
    const redemption = new RedemptionService(
      clock,
      sealer,
      accounts,
      new RedemptionLog(),
      new Metrics(),
      new EventRecords(clock, new FaultRegistry()),
    );
    const check = (asked: Asked) => {
      const parameters = decodeParameters('', new URLSearchParams(entriesOf(asked)).toString());
      const { terms, cookie, expiresAt } = definition.check(parameters, NOW);
      const [issuedAt, service] = [NOW.toISOString(), definition.service];
      const contents = { service, account: 'good', issuedAt, expiresAt: expiresAt.toISOString(), cookie, terms };
      redemption.redeem(service, sealer.seal({ ...contents, parameters: parameters.redacted() }));
    };
    const outcomes = new Set<unknown>();
    fc.assert(
      fc.property(changes, (changed) => {
        const outcome = outcomeOf(() => check({ ...valid, ...changed }));
        outcomes.add(outcome);
        expect(documented).toContain(outcome);
      }),
      { numRuns: 2000 },
    );
    expect(outcomes.size).toBeGreaterThan(8);
  });
});

describe('over HTTP', () => {
  let emulator: RunningEmulator;
  beforeAll(async () => {
    emulator = await startEmulator(NOW);
  });
  afterAll(() => emulator.close());

  const services = fc.constantFrom('playready', 'fairplay', 'widevine');
  const statuses = [200, 400, 401];

  it('any parameters get a token or a refusal', async () => {
    await fc.assert(
      fc.asyncProperty(services, changes, async (service, changed) => {
        const { status } = await askForToken(emulator.url, service, changed);
        expect(statuses).toContain(status);
      }),
    );
  });

  it('any bytes as a body of any type do', async () => {
    const authenticated = `?customerAuthenticator=${authenticatorOf('good')}`;
    const types = fc.constantFrom('application/x-www-form-urlencoded', 'application/json', ';', 'multipart/form-data');
    await fc.assert(
      fc.asyncProperty(services, types, fc.uint8Array({ minLength: 1 }), async (service, type, bytes) => {
        const url = `${emulator.url}${TOKEN_PATH[service]}${authenticated}`;
        const body = new Uint8Array(bytes);
        const { status } = await fetch(url, { method: 'POST', body, headers: { 'content-type': type } });
        expect(statuses).toContain(status);
      }),
    );
  });
});
