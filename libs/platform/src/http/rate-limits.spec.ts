import { describe, expect, it } from 'vitest';
import { networkOf, RateLimiter } from './rate-limits.js';

function limiter(perMinute: number, maxClients?: number) {
  const time = { now: 1_000_000 };
  return { time, limiter: new RateLimiter(perMinute, () => time.now, maxClients) };
}

function allowed(limited: RateLimiter, client: string, tries: number): number {
  return Array.from({ length: tries }, () => limited.take(client)).filter((wait) => wait === 0).length;
}

describe('RateLimiter', () => {
  it.each([1, 7, 60, 120, 600, 997])('allows %i at once and no more', (perMinute) => {
    expect(allowed(limiter(perMinute).limiter, 'a', perMinute + 5)).toBe(perMinute);
  });

  it('says how long to wait, and keeps its word', () => {
    const { limiter: limited, time } = limiter(6);
    expect(allowed(limited, 'a', 7)).toBe(6);
    expect(limited.take('a')).toBeCloseTo(10);
    time.now += 9000;
    expect(limited.take('a')).toBeCloseTo(1);
    time.now += 1000;
    expect(limited.take('a')).toBe(0);
    expect(limited.take('a')).toBeCloseTo(10);
  });

  it('is not made worse by asking in vain', () => {
    const { limiter: limited, time } = limiter(6);
    allowed(limited, 'a', 1000);
    time.now += 60_000;
    expect(allowed(limited, 'a', 10)).toBe(6);
  });

  it('counts each client apart', () => {
    const { limiter: limited } = limiter(2);
    expect([allowed(limited, 'a', 3), allowed(limited, 'b', 3)]).toEqual([2, 2]);
  });

  it('sets no limit with 0', () => {
    const { limiter: limited } = limiter(0);
    expect(allowed(limited, 'a', 1000)).toBe(1000);
    expect(limited.size).toBe(0);
  });

  it('remembers a bounded number of clients, those heard of last', () => {
    const { limiter: limited } = limiter(1, 3);
    limited.take('old');
    limited.take('kept');
    for (let client = 0; client < 1000; client += 1) {
      limited.take(`client-${client}`);
      expect(limited.take('kept')).toBeGreaterThan(0);
    }
    expect(limited.size).toBe(3);
    expect(limited.take('old')).toBe(0);
  });

  it('shuts nobody out for longer than a minute when the clock is set back', () => {
    const { limiter: limited, time } = limiter(6);
    allowed(limited, 'a', 6);
    time.now -= 3_600_000;
    expect(limited.take('a')).toBeLessThanOrEqual(10);
    time.now += 60_000;
    expect(allowed(limited, 'a', 10)).toBe(6);
  });
});

describe('networkOf', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:cb00:7107', '203.0.113.7'],
    ['0:0::0:FFFF:203.0.113.7', '203.0.113.7'],
    ['::ffff:0:cb00:7107', '0:0:0:0::/64'],
    ['::cb00:7107', '0:0:0:0::/64'],
    ['2001:db8:0:1::7', '2001:db8:0:1::/64'],
    ['2001:DB8:0:1:ffff:ffff:ffff:ffff', '2001:db8:0:1::/64'],
    ['2001:0db8:0000:0001:0:0:0:8', '2001:db8:0:1::/64'],
    ['2001:db8:0:2::7', '2001:db8:0:2::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', undefined],
    ['unknown', undefined],
    ['203.0.113', undefined],
    ['203.0.113.7:80', undefined],
    ['<script>', undefined],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
