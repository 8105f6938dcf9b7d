// The token services that the emulator plays.
import { FAIRPLAY } from './fairplay.service-definition.js';
import { PLAYREADY } from './playready.service-definition.js';
import type { TokenServiceDefinition } from './token-service.js';

const TOKEN_SERVICES: readonly TokenServiceDefinition[] = [PLAYREADY, FAIRPLAY];

/** The service at `/hms/<path>/token`, undefined when there is none. */
export function tokenServiceAt(path: string): TokenServiceDefinition | undefined {
  return TOKEN_SERVICES.find((definition) => definition.path === path);
}
