import { describe, expect, it } from 'vitest';
import { EVENT_CODES, describeEventCode, eventCodesOf, isEventCode, type TokenService } from './index.js';

describe('the table of event codes', () => {
  it.each<[TokenService, number]>([
    ['playready', 36],
    ['fairplay', 40],
    ['widevine', 39],
  ])('has every code of %s: %i', (service, count) => {
    expect(eventCodesOf(service)).toHaveLength(count);
  });

  it('has 46 codes for PlayReady and FairPlay together', () => {
    expect(new Set([...eventCodesOf('playready'), ...eventCodesOf('fairplay')]).size).toBe(46);
  });

  it('gives each code a name of its own in kebab-case', () => {
    const names = Object.values(EVENT_CODES).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      expect(name).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
    }
  });

  it.each([
    [-2018, 'invalid-authenticator', ['playready', 'fairplay', 'widevine']],
    [-2020, 'missing-rights-type', ['playready', 'fairplay']],
    [-4010, 'invalid-token', ['fairplay', 'widevine']],
    [-5007, 'kek-and-content-key', ['playready']],
    [-6003, 'invalid-iv', ['fairplay']],
    [-7004, 'invalid-security-level', ['widevine']],
  ])('knows %i as %s of %j', (code, name, services) => {
    expect(describeEventCode(code)).toMatchObject({ name, services });
  });

  it.each([0, 2018, -1, -2001, Number.NaN])('does not know %d', (code) => {
    expect(isEventCode(code)).toBe(false);
    expect(describeEventCode(code)).toBeUndefined();
  });
});
