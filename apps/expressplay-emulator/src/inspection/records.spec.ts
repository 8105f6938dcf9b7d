import { ManualClock } from '@app/platform/clock';
import { describe, expect, it } from 'vitest';
import { parametersFrom } from '../testing/valid-requests.js';
import type { TokenAsked } from '../token-services/checks.js';
import { PLAYREADY } from '../token-services/playready.js';
import { Metrics, RedemptionLog, RequestLog } from './records.js';

const NOW = new Date('2026-11-21T10:00:00Z');
const asked = (number: number): TokenAsked => ({
  definition: PLAYREADY,
  method: 'POST',
  parameters: parametersFrom({ cookie: String(number) }),
});

describe('RequestLog', () => {
  it('forgets the oldest requests beyond 10 000', () => {
    const log = new RequestLog(new ManualClock(NOW), new Metrics());
    for (let number = 1; number <= 20_005; number += 1) log.record(asked(number), 'issued');
    const cookies = log.list().map(({ cookie }) => cookie);
    expect([cookies.length, cookies.at(0), cookies.at(-1)]).toEqual([10_000, '10006', '20005']);
  });
});

describe('RedemptionLog', () => {
  it('forgets the cookies that were redeemed longest ago beyond 10 000', () => {
    const log = new RedemptionLog();
    for (let number = 1; number <= 10_001; number += 1) {
      log.add('fairplay', String(number), NOW);
      log.add('fairplay', 'kept', NOW);
    }
    const cookies = log.list().map(({ cookie }) => cookie);
    expect([cookies.length, cookies.at(0), cookies.at(-1)]).toEqual([10_000, '3', 'kept']);
    expect(log.list().at(-1)?.count).toBe(10_001);
  });
});
