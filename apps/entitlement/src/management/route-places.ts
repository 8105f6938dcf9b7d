// Which routes are for players and which for those who run the service.
import type { Place } from '@app/platform/http';

/**
 * Beginnings of the routes that players reach. What is not in here is for management alone, so that a route nobody
 * thought of is not open to the world: where a management port is open, the public one serves these and nothing else.
 */
const PLACES: readonly (readonly [string, Place])[] = [
  ['/health', 'both'],
  ['/v1/entitlements', 'public'],
  ['/v1/license-tokens', 'public'],
];

/** Where a route belongs, by its pattern, such as `/v1/entitlements/:contentId`. */
export function placeOfRoute(pattern: string): Place {
  const found = PLACES.find(([beginning]) => pattern === beginning || pattern.startsWith(`${beginning}/`));
  return found?.[1] ?? 'management';
}
