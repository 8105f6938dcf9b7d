// Which routes are for players and which for those who run the service.
import type { Place } from '@app/http';

/**
 * Beginnings of routes that do not belong to players. What is not in here is public: where a management port is open,
 * the public one serves that and health alone.
 */
const PLACES: readonly (readonly [string, Place])[] = [
  ['/health', 'both'],
  ['/v1/admin', 'management'],
  ['/metrics', 'management'],
  ['/docs', 'management'],
  ['/openapi.json', 'management'],
];

/** Where a route belongs, by its pattern, such as `/v1/entitlements/:contentId`. */
export function placeOfRoute(pattern: string): Place {
  const found = PLACES.find(([beginning]) => pattern === beginning || pattern.startsWith(`${beginning}/`));
  return found?.[1] ?? 'public';
}
