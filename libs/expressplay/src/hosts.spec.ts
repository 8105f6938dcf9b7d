import { describe, expect, it } from 'vitest';
import type { TokenService } from './event-codes.js';
import { tokenServiceUrl, type TokenServiceLocation } from './hosts.js';

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
    expect(tokenServiceUrl(drm, { environment: 'production', prodDomain: COM, baseUrl })).toBe(url);
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
});
