import { describe, expect, it } from 'vitest';
import { type ReceivedRequest, RedemptionLog, RequestLog } from './logs.js';

const request = (number: number): ReceivedRequest => ({
  at: '2026-11-21T10:00:00.000Z',
  service: 'playready',
  method: 'POST',
  outcome: 'issued',
  cookie: String(number),
  parameters: {},
  ignored: [],
});

describe('RequestLog', () => {
  it('forgets the oldest requests beyond 10 000', () => {
    const log = new RequestLog();
    for (let number = 1; number <= 20_005; number += 1) log.add(request(number));
    const cookies = log.list().map(({ cookie }) => cookie);
    expect([cookies.length, cookies.at(0), cookies.at(-1)]).toEqual([10_000, '10006', '20005']);
  });
});

describe('RedemptionLog', () => {
  it('forgets the cookies that were redeemed longest ago beyond 10 000', () => {
    const log = new RedemptionLog();
    const at = new Date('2026-11-21T10:00:00Z');
    for (let number = 1; number <= 10_001; number += 1) {
      log.add('fairplay', String(number), at);
      log.add('fairplay', 'kept', at);
    }
    const cookies = log.list().map(({ cookie }) => cookie);
    expect([cookies.length, cookies.at(0), cookies.at(-1)]).toEqual([10_000, '3', 'kept']);
    expect(log.list().at(-1)?.count).toBe(10_001);
  });
});
