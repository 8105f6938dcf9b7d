import { ManualClock } from '@app/platform/clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { AccountDirectory, AccountService } from '../accounts/accounts.js';
import type { Environment } from '../environment.js';
import { EventRecords } from '../event-records/event-records.js';
import { FaultRegistry } from '../faults/faults.js';
import { Metrics, RedemptionLog } from '../inspection/records.js';
import { outcomeOf } from '../testing/ask.js';
import { type Asked, FAIRPLAY_REQUEST, parametersFrom, PLAYREADY_RENTAL } from '../testing/valid-requests.js';
import { FAIRPLAY } from '../token-services/fairplay.js';
import { PLAYREADY } from '../token-services/playready.js';
import type { TokenServiceDefinition } from '../token-services/checks.js';
import { TokenSealer } from '../tokens/token.js';
import { RedemptionService } from './license-servers.js';

const ISSUED_AT = new Date('2026-11-21T10:00:00Z');

let clock: ManualClock;

let sealer: TokenSealer;

let redemptions: RedemptionLog;

let metrics: Metrics;

let redemption: RedemptionService;

beforeEach(() => {
  clock = new ManualClock(ISSUED_AT);
  sealer = new TokenSealer();
  redemptions = new RedemptionLog();
  metrics = new Metrics();
  const environment = { EMULATOR_ENVIRONMENT: 'test' } as Environment;
  const accounts = new AccountService(new AccountDirectory(environment), environment);
  redemption = new RedemptionService(
    clock,
    sealer,
    accounts,
    redemptions,
    metrics,
    new EventRecords(clock, new FaultRegistry()),
  );
});

function issue(definition: TokenServiceDefinition, asked: Asked): string {
  const parameters = parametersFrom(asked);
  const { terms, givenKeys, expiresAt, cookie } = definition.check(parameters, ISSUED_AT);
  const contents = {
    service: definition.service,
    account: 'good',
    issuedAt: ISSUED_AT.toISOString(),
    expiresAt: expiresAt.toISOString(),
    cookie,
    terms,
    parameters: parameters.redacted(),
  };
  return sealer.seal(contents, givenKeys);
}

describe('redeeming a token', () => {
  it('grants a PlayReady rental up to its end, whenever it is redeemed', () => {
    const token = issue(PLAYREADY, { ...PLAYREADY_RENTAL, 'rental.playDuration': '600', cookie: 'c1' });
    clock.advance(60);
    expect(redemption.redeem('playready', token)).toMatchObject({
      service: 'playready',
      issuedAt: '2026-11-21T10:01:00.000Z',
      expiresAt: '2026-11-21T11:00:00.000Z',
      kid: PLAYREADY_RENTAL.kid,
      rightsType: 'Rental',
      persistent: true,
      playDurationSeconds: 600,
      token: { issuedAt: '2026-11-21T10:00:00.000Z', expiresAt: '2026-12-21T10:00:00.000Z', cookie: 'c1' },
    });
  });

  it('counts a FairPlay rental from the licence on', () => {
    const token = issue(FAIRPLAY, { ...FAIRPLAY_REQUEST, rentalDuration: '3600' });
    clock.advance(60);
    expect(redemption.redeem('fairplay', token)).toMatchObject({ expiresAt: '2026-11-21T11:01:00.000Z' });
  });

  it('grants a purchase without an end', () => {
    expect(redemption.redeem('fairplay', issue(FAIRPLAY, FAIRPLAY_REQUEST))).toMatchObject({
      rightsType: 'BuyToOwn',
      expiresAt: null,
    });
  });

  it('honours expirationTime to the second', () => {
    const token = issue(FAIRPLAY, { ...FAIRPLAY_REQUEST, expirationTime: '+60' });
    clock.advance(59.999);
    expect(outcomeOf(() => redemption.redeem('fairplay', token))).toBe('accepted');
    for (let time = 0; time < 2; time += 1) {
      clock.advance(0.001);
      expect(outcomeOf(() => redemption.redeem('fairplay', token))).toBe(-4010);
    }
  });

  it('refuses one whose rental is over, though it could be redeemed for longer', () => {
    const token = issue(PLAYREADY, { ...PLAYREADY_RENTAL, 'rental.periodEndTime': '+60' });
    clock.advance(59.999);
    expect(outcomeOf(() => redemption.redeem('playready', token))).toBe('accepted');
    clock.advance(0.001);
    expect(outcomeOf(() => redemption.redeem('playready', token))).toBe(-4010);
  });

  const bad: [string, string | undefined][] = [
    ['none', undefined],
    ['an empty one', ''],
    ['a forged one', 'AQAAAAAA'],
  ];
  it.each(bad)('refuses %s', (_what, token) => {
    expect(outcomeOf(() => redemption.redeem('playready', token))).toBe(-4010);
  });

  it('refuses one of another service', () => {
    const playready = issue(PLAYREADY, PLAYREADY_RENTAL);
    const fairplay = issue(FAIRPLAY, FAIRPLAY_REQUEST);
    expect(outcomeOf(() => redemption.redeem('fairplay', playready))).toBe(-6002);
    expect(outcomeOf(() => redemption.redeem('playready', fairplay))).toBe(-4010);
  });
});
