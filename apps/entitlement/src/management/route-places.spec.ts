import { describe, expect, it } from 'vitest';
import { placeOfRoute } from './route-places.js';

describe('placeOfRoute', () => {
  it.each([
    ['/v1/license-tokens', 'public'],
    ['/v1/entitlements/:contentId', 'public'],
    ['/health/live', 'both'],
    ['/v1/admin/issuances', 'management'],
    ['/metrics', 'management'],
    ['/docs', 'management'],
    ['/docs/*', 'management'],
    ['/openapi.json', 'management'],
    ['/healthy', 'management'],
    ['/v1/administrators', 'management'],
    ['/v1/license-tokens-by-machine', 'management'],
    ['/v1/anything-new', 'management'],
    ['/*', 'management'],
  ])('%s is %s', (pattern, place) => {
    expect(placeOfRoute(pattern)).toBe(place);
  });
});
