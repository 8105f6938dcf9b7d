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
    ['/healthy', 'public'],
    ['/v1/administrators', 'public'],
    ['/*', 'public'],
  ])('%s is %s', (pattern, place) => {
    expect(placeOfRoute(pattern)).toBe(place);
  });
});
