// The token services that the emulator plays.
import { FAIRPLAY } from './fairplay.service-definition.js';
import { PLAYREADY } from './playready.service-definition.js';
import type { TokenServiceDefinition } from './token-service.js';
import { WIDEVINE } from './widevine.service-definition.js';

const TOKEN_SERVICES: readonly TokenServiceDefinition[] = [PLAYREADY, FAIRPLAY, WIDEVINE];

/** Where the token services are. */
export const TOKEN_PATHS: readonly string[] = TOKEN_SERVICES.map(({ path }) => path);

/** The service at a path, undefined when there is none. */
export function tokenServiceAt(path: string | undefined): TokenServiceDefinition | undefined {
  return TOKEN_SERVICES.find((definition) => definition.path === path);
}
