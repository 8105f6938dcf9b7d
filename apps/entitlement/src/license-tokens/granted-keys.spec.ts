import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Drm, StoredContentKey, Track, TrackKey } from '../catalog/content.js';
import type { Quality } from '../entitlements/entitlement.rules.js';
import { grantedKeys } from './granted-keys.js';
import { DrmNotAvailableError, KidRequiredError } from './license-tokens.errors.js';

const STORED: StoredContentKey = { source: 'wrapped', kekId: 'test', ek: randomBytes(24) };
const IV = '0'.repeat(32);

/** A key whose KID says what it is for. */
function key(name: string, tracks: Track[] = [], more: Partial<TrackKey> = {}): TrackKey {
  return { kid: name, tracks, iv: IV, key: STORED, outputPolicy: null, ...more };
}

const SEVERAL = [
  key('sd', ['sd']),
  key('hd', ['hd']),
  key('uhd', ['uhd1', 'uhd2']),
  key('audio', ['audio']),
  key('all'),
];

function kids(keys: TrackKey[], drm: Drm, quality: Quality, kid?: string): string[] {
  return grantedKeys({ keys }, { drm, quality, kid }).map((one) => one.kid);
}

describe('the keys of a token', () => {
  it.each<[Quality, string[]]>([
    ['sd', ['sd', 'audio', 'all']],
    ['hd', ['sd', 'hd', 'audio', 'all']],
    ['uhd1', ['sd', 'hd', 'uhd', 'audio', 'all']],
    ['uhd2', ['sd', 'hd', 'uhd', 'audio', 'all']],
  ])('up to %s are those whose least video it reaches, and those without video', (quality, expected) => {
    for (const drm of ['playready', 'widevine'] as const) expect(kids(SEVERAL, drm, quality)).toEqual(expected);
  });

  it('that is for better video too is granted for what it shares', () => {
    expect(kids([key('shared', ['hd', 'sd', 'audio'])], 'widevine', 'sd')).toEqual(['shared']);
  });

  it('leave out what has no key material', () => {
    const keys = [key('sd', ['sd'], { key: null }), key('hd', ['hd'])];
    expect(kids(keys, 'playready', 'uhd2')).toEqual(['hd']);
    expect(kids(keys, 'fairplay', 'uhd2')).toEqual(['hd']);
  });

  it.each<[string, TrackKey[], Drm, Quality]>([
    ['there are none', [], 'playready', 'uhd2'],
    ['none is known', [key('sd', ['sd'], { key: null })], 'widevine', 'uhd2'],
    ['all are of better video', [key('hd', ['hd'])], 'widevine', 'sd'],
    ['none has an IV for FairPlay', [key('all', [], { iv: null })], 'fairplay', 'uhd2'],
  ])('are not there when %s', (_case, keys, drm, quality) => {
    expect(() => kids(keys, drm, quality)).toThrow(DrmNotAvailableError);
  });
});

describe('FairPlay takes one key', () => {
  it('the only one, named or not; the one that is named of several', () => {
    expect(kids([key('all')], 'fairplay', 'uhd2')).toEqual(['all']);
    expect(kids([key('all')], 'fairplay', 'uhd2', 'all')).toEqual(['all']);
    expect(kids(SEVERAL, 'fairplay', 'uhd2', 'hd')).toEqual(['hd']);
  });

  it.each<[string, TrackKey[], Quality, string | undefined, string[]]>([
    ['none is named', SEVERAL, 'uhd2', undefined, ['sd', 'hd', 'uhd', 'audio', 'all']],
    ['one above the quality is named', SEVERAL, 'sd', 'hd', ['sd', 'audio', 'all']],
    ['one of another title is named', [key('all')], 'uhd2', 'other', ['all']],
    ['one without an IV is named', [key('a'), key('b'), key('c', [], { iv: null })], 'uhd2', 'c', ['a', 'b']],
  ])('and says which there are when %s', (_case, keys, quality, kid, expected) => {
    const ask = () => kids(keys, 'fairplay', quality, kid);
    expect(ask).toThrow(KidRequiredError);
    expect(ask).toThrow(expect.objectContaining({ extensions: { kids: expected } }));
  });
});
