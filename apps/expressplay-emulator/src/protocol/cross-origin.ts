// Which pages of browsers may read the emulator's answers.
import { type CrossOrigin, isLoopbackOrigin } from '@app/platform/http';
import { FAIRPLAY_RIGHTS_PATH, PLAYREADY_RIGHTS_PATH, WIDEVINE_RIGHTS_PATH } from './license-paths.js';

const LICENSE_PATHS = [PLAYREADY_RIGHTS_PATH, FAIRPLAY_RIGHTS_PATH, WIDEVINE_RIGHTS_PATH];

/**
 * Players everywhere get licences; what a test sets and reads is for pages of this machine. Token requests carry the
 * authenticator, which no page may have.
 */
export const CROSS_ORIGIN: CrossOrigin = {
  allows: (origin, path) => LICENSE_PATHS.includes(path) || (path.startsWith('/emulator/') && isLoopbackOrigin(origin)),
  // Players and DRM systems add headers of their own.
  requestHeaders: '*',
};
