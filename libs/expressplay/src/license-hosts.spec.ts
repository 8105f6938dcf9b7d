import { describe, expect, it } from 'vitest';
import type { TokenServiceLocation } from './hosts.js';
import { licenseHostCheck } from './license-hosts.js';

const TEST: TokenServiceLocation = { environment: 'test', prodDomain: 'service.expressplay.com' };
const EUROPE: TokenServiceLocation = { environment: 'production', prodDomain: 'service.expressplay.com' };
const CHINA: TokenServiceLocation = { environment: 'production', prodDomain: 'service.expressplay.cn' };

describe('a licence host', () => {
  it.each<[string, TokenServiceLocation, boolean]>([
    ['pr.test.expressplay.com', TEST, true],
    ['a.b.test.expressplay.com', TEST, true],
    ['fp.service.expressplay.com', TEST, false],
    ['fp.service.expressplay.com', EUROPE, true],
    ['fp.service.expressplay.cn', EUROPE, false],
    ['pr.test.expressplay.com', EUROPE, false],
    ['wv.service.expressplay.cn', CHINA, true],
    ['wv.service.expressplay.com', CHINA, false],
    ['test.expressplay.com', TEST, false],
    ['eviltest.expressplay.com', TEST, false],
    ['pr.test.expressplay.com.evil.example', TEST, false],
    ['pr.test.expressplay.com.', TEST, false],
    ['127.0.0.1', TEST, false],
    ['127.0.0.1', { ...TEST, baseUrl: 'http://127.0.0.1:3100' }, true],
    ['[::1]', { ...TEST, baseUrl: 'http://[::1]:3100' }, true],
    ['pr.test.expressplay.com', { ...TEST, baseUrl: 'https://proxy.example/expressplay' }, true],
    ['sub.proxy.example', { ...TEST, baseUrl: 'https://proxy.example/expressplay' }, false],
  ])('%s for %j: %j', (host, location, expected) => {
    expect(licenseHostCheck(location)(host)).toBe(expected);
  });

  it('may be named', () => {
    const isLicenseHost = licenseHostCheck({ ...TEST, baseUrl: 'http://emulator:3100' }, ['LOCALHOST', '[::1]']);
    expect(['localhost', '[::1]', 'emulator', 'other'].filter(isLicenseHost)).toEqual([
      'localhost',
      '[::1]',
      'emulator',
    ]);
  });

  it.each(['', 'localhost:3100', 'http://localhost', 'localhost/', 'me@localhost', 'a b', '*.example'])(
    'cannot be named "%s"',
    (host) => {
      expect(() => licenseHostCheck(TEST, [host])).toThrow(
        new TypeError('licenseHosts must be names of hosts, without scheme, port and path'),
      );
    },
  );
});
