// Checks of the KID and of the key's source, alike for every DRM.
import { characterCount, isWellFormed } from './checks.js';
import { InvalidTokenRequestError } from './errors.js';
import { PARAMETERS } from './parameters.js';
import type { ContentKeySource } from './token-request.js';

const CONTENT_KEY_BYTES = 16;
/** RFC 3394 adds 8 bytes. */
const WRAPPED_KEY_BYTES = CONTENT_KEY_BYTES + 8;
const KEK_BYTES: readonly number[] = [16, 24, 32];
const LONGEST_KID_TEXT = 64;

/**
 * Checks a KID: 32 hex digits, or `^` and 1 to 64 characters.
 *
 * @throws InvalidTokenRequestError -4018 empty, -4020 wrong length, -4021 text too long, -4022 not hex, a bare `^` or not well-formed
 */
export function checkKid(kid: string): void {
  if (kid === '') {
    throw new InvalidTokenRequestError(PARAMETERS.kid, -4018);
  }
  if (kid.startsWith('^')) {
    if (kid.length === 1) {
      throw new InvalidTokenRequestError(PARAMETERS.kid, -4022);
    }
    if (characterCount(kid) - 1 > LONGEST_KID_TEXT) {
      throw new InvalidTokenRequestError(PARAMETERS.kid, -4021);
    }
    if (!isWellFormed(kid)) {
      throw new InvalidTokenRequestError(PARAMETERS.kid, -4022);
    }
    return;
  }
  if (kid.length !== 32) {
    throw new InvalidTokenRequestError(PARAMETERS.kid, -4020);
  }
  if (!/^[0-9a-f]{32}$/i.test(kid)) {
    throw new InvalidTokenRequestError(PARAMETERS.kid, -4022);
  }
}

/**
 * Checks the lengths of the keys. Whether `ek` belongs to `kek` is left to whoever unwraps it.
 *
 * @throws InvalidTokenRequestError -2027 a content key of other than 16 bytes, -4024 a KEK of other than 16, 24 or 32 bytes or a
 *   wrapped key of other than 24
 */
export function checkKey(key: ContentKeySource): void {
  if (key.kind === 'clear') {
    if (key.contentKey.length !== CONTENT_KEY_BYTES) {
      throw new InvalidTokenRequestError(PARAMETERS.contentKey, -2027);
    }
    return;
  }
  if (!KEK_BYTES.includes(key.kek.length)) {
    throw new InvalidTokenRequestError(PARAMETERS.kek, -4024);
  }
  if (key.kind === 'wrapped' && key.ek.length !== WRAPPED_KEY_BYTES) {
    throw new InvalidTokenRequestError(PARAMETERS.ek, -4024);
  }
}
