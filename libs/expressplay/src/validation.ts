// Checks of a token request before anything is sent: what ExpressPlay would refuse is refused here, with its code.
import { checkAdditionalParameters } from './additional-parameters.js';
import { characterCount, isWellFormed, refuseIf } from './checks.js';
import { checkFairPlay } from './fairplay-validation.js';
import { sentMs } from './moments.js';
import { PARAMETERS } from './parameters.js';
import { checkPlayReady } from './playready-validation.js';
import type { TokenRequest } from './token-request.js';
import { checkWidevine } from './widevine-validation.js';

const LONGEST_TOKEN_LIFE_MS = 30 * 24 * 60 * 60 * 1000;
const LONGEST_COOKIE = 32;

/**
 * Checks a request against the licence parameters of its DRM.
 *
 * @param now the moment that the ends of a rental and of the token must lie after
 * @throws InvalidTokenRequestError for the first parameter at fault
 */
export function checkTokenRequest(request: TokenRequest, now: Date): void {
  checkLicense(request, now);
  const { expiresAt, cookie } = request;
  const lifeMs = sentMs(expiresAt) - now.getTime();
  refuseIf(!(lifeMs > 0 && lifeMs <= LONGEST_TOKEN_LIFE_MS), PARAMETERS.expirationTime, -2002);
  if (cookie !== undefined) {
    refuseIf(characterCount(cookie) > LONGEST_COOKIE || !isWellFormed(cookie), PARAMETERS.cookie, -2033);
  }
  checkAdditionalParameters(request.additionalParameters);
}

function checkLicense(request: TokenRequest, now: Date): void {
  switch (request.drm) {
    case 'playready':
      checkPlayReady(request, now);
      break;
    case 'fairplay':
      checkFairPlay(request);
      break;
    case 'widevine':
      checkWidevine(request);
      break;
  }
}
