import { describe, expect, it } from 'vitest';
import type { TokenService } from './codes.js';
import { type ExpressPlayEnvironment, licenseHostCheck, type TokenServiceLocation, tokenServiceUrl } from './hosts.js';

const COM = 'service.expressplay.com';

const CN = 'service.expressplay.cn';

describe('the hosts', () => {
  it.each<[TokenService, TokenServiceLocation, string]>([
    [
      'playready',
      { environment: 'production', prodDomain: COM },
      'https://pr-gen.service.expressplay.com/hms/pr/token',
    ],
    ['playready', { environment: 'production', prodDomain: CN }, 'https://pr-gen.service.expressplay.cn/hms/pr/token'],
    ['playready', { environment: 'test', prodDomain: COM }, 'https://pr-gen.test.expressplay.com/hms/pr/token'],
    ['playready', { environment: 'test', prodDomain: CN }, 'https://pr-gen.test.expressplay.com/hms/pr/token'],
    ['fairplay', { environment: 'production', prodDomain: COM }, 'https://fp-gen.service.expressplay.com/hms/fp/token'],
    ['fairplay', { environment: 'production', prodDomain: CN }, 'https://fp-gen.service.expressplay.cn/hms/fp/token'],
    ['fairplay', { environment: 'test', prodDomain: COM }, 'https://fp-gen.test.expressplay.com/hms/fp/token'],
    ['fairplay', { environment: 'test', prodDomain: CN }, 'https://fp-gen.test.expressplay.com/hms/fp/token'],
    ['widevine', { environment: 'production', prodDomain: COM }, 'https://wv-gen.service.expressplay.com/hms/wv/token'],
    ['widevine', { environment: 'production', prodDomain: CN }, 'https://wv-gen.service.expressplay.cn/hms/wv/token'],
    ['widevine', { environment: 'test', prodDomain: CN }, 'https://wv-gen.test.expressplay.com/hms/wv/token'],
  ])('%s in %j', (drm, location, url) => {
    expect(tokenServiceUrl(drm, location)).toBe(url);
  });

  it.each<[TokenService, string, string]>([
    ['playready', 'http://127.0.0.1:3100', 'http://127.0.0.1:3100/hms/pr/token'],
    ['fairplay', 'http://emulator:3100/', 'http://emulator:3100/hms/fp/token'],
    ['fairplay', 'https://proxy.example/expressplay/', 'https://proxy.example/expressplay/hms/fp/token'],
    ['widevine', 'http://[::1]:3100', 'http://[::1]:3100/hms/wv/token'],
  ])('%s at the base URL %s', (drm, baseUrl, url) => {
    expect(tokenServiceUrl(drm, { environment: 'test', prodDomain: COM, baseUrl })).toBe(url);
    expect(
      tokenServiceUrl(drm, { environment: 'production', prodDomain: COM, baseUrl, baseUrlInProduction: 'allow' }),
    ).toBe(url);
  });

  it.each([
    '',
    'emulator:3100',
    'ftp://emulator',
    'http://me:hunter2@emulator',
    'http://emulator/?a=hunter2',
    'http://e/#f',
  ])('refuses the base URL "%s" and does not repeat it', (baseUrl) => {
    const location: TokenServiceLocation = { environment: 'test', prodDomain: COM, baseUrl };
    expect(() => tokenServiceUrl('playready', location)).toThrow(
      new TypeError('baseUrl must be an http or https URL without credentials, query and fragment'),
    );
  });

  const NOT_ALLOWED = 'baseUrl must be allowed by baseUrlInProduction in the production environment';
  const OUTSIDE_TEST = "baseUrl must not be a host of ExpressPlay's outside of the test environment";
  const OUTSIDE_PRODUCTION = "baseUrl must not be a host of ExpressPlay's outside of the production environment";

  const WITHOUT_TLS = "baseUrl must be an https URL when it is a host of ExpressPlay's";

  it.each<[ExpressPlayEnvironment, 'allow' | undefined, string, string | undefined]>([
    ['production', 'allow', 'http://pr-gen.service.expressplay.com', WITHOUT_TLS],
    ['test', undefined, 'http://pr-gen.test.expressplay.com:443', WITHOUT_TLS],
    ['test', undefined, 'HTTP://Test.ExpressPlay.com.', WITHOUT_TLS],
    ['test', undefined, 'http://test.expressplay.com.proxy.example', undefined],
    ['production', undefined, 'http://127.0.0.1:3100', NOT_ALLOWED],
    ['production', undefined, 'https://pr-gen.service.expressplay.com', NOT_ALLOWED],
    ['production', 'allow', 'http://127.0.0.1:3100', undefined],
    ['production', 'allow', 'https://pr-gen.service.expressplay.com', undefined],
    ['production', 'allow', 'https://pr-gen.test.expressplay.com', OUTSIDE_PRODUCTION],
    ['production', 'allow', 'https://PR-GEN.TEST.EXPRESSPLAY.COM.', OUTSIDE_PRODUCTION],
    ['production', 'allow', 'https://pr-gen.service.expressplay.cn', OUTSIDE_PRODUCTION],
    ['production', 'allow', 'https://expressplay.com', OUTSIDE_PRODUCTION],
    ['test', undefined, 'https://pr-gen.test.expressplay.com', undefined],
    ['test', 'allow', 'https://pr-gen.service.expressplay.com', OUTSIDE_TEST],
    ['test', 'allow', 'https://service.expressplay.cn:8443/x', OUTSIDE_TEST],
    ['test', undefined, 'https://notexpressplay.com', undefined],
    ['test', undefined, 'https://expressplay.com.proxy.example', undefined],
  ])('for %s (%s in production) at %s: %s', (environment, baseUrlInProduction, baseUrl, problem) => {
    const url = () => tokenServiceUrl('playready', { environment, prodDomain: COM, baseUrl, baseUrlInProduction });
    if (problem === undefined) expect(url()).toMatch(/\/hms\/pr\/token$/);
    else expect(url).toThrow(new TypeError(problem));
  });
});

const TEST: TokenServiceLocation = { environment: 'test', prodDomain: 'service.expressplay.com' };

const EUROPE: TokenServiceLocation = { environment: 'production', prodDomain: 'service.expressplay.com' };

const CHINA: TokenServiceLocation = { environment: 'production', prodDomain: 'service.expressplay.cn' };

describe('a licence host', () => {
  it.each<[string, TokenServiceLocation, boolean]>([
    ['pr.test.expressplay.com', TEST, true],
    ['a.b.test.expressplay.com', TEST, true],
    ['pr2.test.expressplay.com', TEST, true],
    ['pr2.service.expressplay.com', TEST, false],
    ['pr2.service.expressplay.com', EUROPE, true],
    ['pr2.service.expressplay.cn', CHINA, true],
    ['pr2.service.expressplay.com.evil.example', EUROPE, false],
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
