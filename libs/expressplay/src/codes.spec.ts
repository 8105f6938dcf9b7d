import { describe, expect, it } from 'vitest';
import {
  classifyEvent,
  classifyRefusal,
  describeEventCode,
  EVENT_CLASSES,
  EVENT_CODES,
  type EventClass,
  eventCodesOf,
  InvalidTokenRequestError,
  isEventCode,
  RefusedError,
  type TokenService,
} from './index.js';

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

const codesOf = (eventClass: EventClass): number[] =>
  Object.entries(EVENT_CLASSES)
    .filter(([, row]) => row.class === eventClass)
    .map(([code]) => Number(code))
    .sort((a, b) => b - a);

describe('the classes of the event codes', () => {
  it('have one row for each documented code', () => {
    expect(Object.keys(EVENT_CLASSES).sort()).toEqual(Object.keys(EVENT_CODES).sort());
  });

  it.each<[EventClass, number[]]>([
    ['operator', [-2003, -2017, -2018, -2031, -5002, -6006, -6009, -7011]],
    ['balance', [-2019]],
    ['transient', [-2030, -4019, -6004, -7008]],
    [
      'content',
      [
        -2005, -2008, -2027, -2034, -2035, -2036, -2037, -2040, -4018, -4020, -4021, -4022, -4024, -5001, -5006, -6001,
        -6003, -6005, -7003, -7004, -7006, -7009,
      ],
    ],
    [
      'ours',
      [
        -2002, -2020, -2021, -2022, -2023, -2025, -2033, -3004, -4001, -4010, -5003, -5004, -5005, -5007, -6002, -6007,
        -6008, -7002, -7007,
      ],
    ],
  ])('%s', (eventClass, codes) => {
    expect(codesOf(eventClass)).toEqual(codes);
  });

  it('let only what may pass by itself be tried again', () => {
    for (const row of Object.values(EVENT_CLASSES)) {
      const transient = row.class === 'transient';
      expect(row.retry).toBe(transient);
      expect(row.logLevel).toBe(transient ? 'warn' : 'error');
    }
  });

  it('give each row an action, in sentences', () => {
    for (const { action } of Object.values(EVENT_CLASSES)) {
      expect(action).toMatch(/^[A-Z].+\.$/);
    }
  });

  it.each([
    [-2018, 'upstream-rejected'],
    [-2019, 'token-balance-exhausted'],
    [-2030, 'upstream-unavailable'],
    [-4024, 'upstream-rejected'],
  ] as const)('decide %i by the code, whatever the status: %s', (code, problem) => {
    for (const status of [200, 400, 401, 500, 503]) {
      expect(classifyEvent(code, status)).toBe(EVENT_CLASSES[code]);
    }
    expect(EVENT_CLASSES[code].problem).toBe(problem);
  });
});

describe('a refusal outside the table', () => {
  it.each<[string, number | undefined, number, string, string]>([
    ['an undocumented code', -9999, 400, 'upstream-rejected', 'error'],
    ['an undocumented code with a 500', -9999, 500, 'upstream-unavailable', 'error'],
    ['a code that is no number', Number.NaN, 200, 'upstream-rejected', 'error'],
    ['no code', undefined, 400, 'upstream-rejected', 'error'],
    ['a redirect', undefined, 302, 'upstream-rejected', 'error'],
    ['a wrong URL', undefined, 404, 'upstream-rejected', 'error'],
    ['too many requests', undefined, 429, 'upstream-unavailable', 'warn'],
    ['a gateway', undefined, 502, 'upstream-unavailable', 'warn'],
  ])('is safe: %s', (_, code, status, problem, logLevel) => {
    expect(classifyEvent(code, status)).toMatchObject({ class: 'unknown', retry: false, problem, logLevel });
  });

  it('tells an undocumented code from none', () => {
    expect(classifyEvent(-9999, 400).action).not.toBe(classifyEvent(undefined, 400).action);
  });
});

describe('an error', () => {
  it('is classified by its code, whoever refused', () => {
    expect(classifyRefusal(new RefusedError(500, -2019, ''))).toBe(EVENT_CLASSES[-2019]);
    expect(classifyRefusal(new RefusedError(503, undefined, ''))).toEqual(classifyEvent(undefined, 503));
    expect(classifyRefusal(new InvalidTokenRequestError('iv', -6003))).toBe(EVENT_CLASSES[-6003]);
  });

  it("is the content's when the request could not be sent for a reason that has no code", () => {
    const error = new InvalidTokenRequestError('algId', 'duplicate-name');
    expect(classifyRefusal(error)).toMatchObject({ class: 'content', retry: false, problem: 'upstream-rejected' });
  });
});
