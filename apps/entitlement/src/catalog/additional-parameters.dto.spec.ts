import { describe, expect, it } from 'vitest';
import { PARAMETERS } from '@app/expressplay';
import { isFreeParameterName, isUnambiguous } from './additional-parameters.dto.js';

describe('names of additional parameters', () => {
  it.each(['minCertSecurityLevel', 'algId', 'kid.0', 'trackType.0', 'securityLevel.1', 'ekster', 'kekId'])(
    '%s is free',
    (name) => {
      expect(isFreeParameterName(name)).toBe(true);
    },
  );

  it.each([...Object.values(PARAMETERS), 'useHttps'])('%s is documented or known, in any case', (name) => {
    expect(isFreeParameterName(name)).toBe(false);
    expect(isFreeParameterName(name.toUpperCase())).toBe(false);
  });

  it.each(['contentKey.0', 'CONTENTKEY.12', 'kek.0', 'ek-1', 'ek_1', 'customerAuthenticator.0'])(
    '%s would put a secret into a policy',
    (name) => {
      expect(isFreeParameterName(name)).toBe(false);
    },
  );

  it.each(['', ' ', 'algId ', 'a&b', 'a=b', 'é', 'x'.repeat(65), '.kid', 7, null, undefined])(
    '%j is no name',
    (name) => {
      expect(isFreeParameterName(name)).toBe(false);
    },
  );
});

describe('a name goes to a DRM once', () => {
  it.each([
    [[], true],
    [[{ name: 'a' }, { name: 'b' }], true],
    [[{ name: 'a' }, { name: 'a' }], false],
    [
      [
        { name: 'a', drm: 'playready' },
        { name: 'a', drm: 'widevine' },
      ],
      true,
    ],
    [
      [
        { name: 'a', drm: 'playready' },
        { name: 'a', drm: 'playready' },
      ],
      false,
    ],
    [[{ name: 'a', drm: 'playready' }, { name: 'a' }], false],
    [
      [
        { name: 'a', drm: null },
        { name: 'a', drm: 'playready' },
      ],
      false,
    ],
  ])('%j: %s', (parameters, expected) => {
    expect(isUnambiguous(parameters)).toBe(expected);
  });

  it('says nothing of what is no list', () => {
    expect(isUnambiguous('a')).toBe(true);
  });
});
