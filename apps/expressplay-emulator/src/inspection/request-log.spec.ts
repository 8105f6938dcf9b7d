import { describe, expect, it } from 'vitest';
import { RequestLog, type ReceivedRequest } from './request-log.js';

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
