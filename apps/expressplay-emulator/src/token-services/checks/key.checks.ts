// Key id, content key in its three forms, and FairPlay's IV.
import { PARAMETERS, type EventCode, KeyIntegrityError, unwrapKey } from '@app/expressplay';
import { EventError } from '../../protocol/event-error.js';
import { checkKid } from '../../protocol/kid.js';
import type { TokenParameters } from '../../protocol/token-parameters.js';
import { characterCount, isHex, readHexBytes } from '../../protocol/values.js';

/** Where the content key of a licence comes from: the request itself, or key storage by `kid` under this KEK. */
export type KeySource =
  { readonly kind: 'given' } | { readonly kind: 'stored'; readonly kid: string; readonly kek: Uint8Array };

const KEY_DIGITS = 32;
/** KEKs are AES keys of any of the three lengths, in bytes; a wrapped 16-byte content key has 24 bytes. */
const KEK_BYTES = [16, 24, 32];
const WRAPPED_KEY_BYTES = [24];
const IV_BYTES = [16];

/** Reads a required `kid`. @throws EventError -4018, -4020, -4021, -4022 */
export function readKid(parameters: TokenParameters): string {
  const kid = parameters.get(PARAMETERS.kid);
  if (kid === undefined || kid === '') throw new EventError(-4018);
  return checkKid(kid);
}

/** Reads a `kid` that may be left out; an empty one counts as missing. @throws EventError as `readKid` */
export function readOptionalKid(parameters: TokenParameters): string | null {
  return parameters.has(PARAMETERS.kid) ? readKid(parameters) : null;
}

/**
 * Checks PlayReady's key parameters: `contentKey`, `kek` + `ek`, or `kek` and the required `kid`.
 *
 * @throws EventError -5007, -2005, -2027, -4024
 */
export function readPlayReadyKey(parameters: TokenParameters, kid: string): KeySource {
  if (parameters.has(PARAMETERS.kek) && parameters.has(PARAMETERS.contentKey)) throw new EventError(-5007);
  return readKey(parameters, kid, -2005);
}

/**
 * Checks FairPlay's key parameters: `contentKey`, or `kek` with exactly one of `ek` and `kid`.
 *
 * @throws EventError -6005, -2005, -2027, -4024
 */
export function readFairPlayKey(parameters: TokenParameters, kid: string | null): KeySource {
  if (parameters.has(PARAMETERS.kek)) {
    if (parameters.has(PARAMETERS.contentKey)) throw new EventError(-6005, 'kek and contentKey exclude each other');
    if (parameters.has(PARAMETERS.ek) === (kid !== null)) {
      throw new EventError(-6005, 'kek goes with exactly one of kid and ek');
    }
  }
  return readKey(parameters, kid, -6005);
}

/** Checks Widevine's key parameters: PlayReady's, with the codes of FairPlay. @throws EventError -6005, -2005, -2027, -4024 */
export function readWidevineKey(parameters: TokenParameters, kid: string): KeySource {
  if (parameters.has(PARAMETERS.kek) && parameters.has(PARAMETERS.contentKey)) {
    throw new EventError(-6005, 'kek and contentKey exclude each other');
  }
  return readKey(parameters, kid, -6005);
}

/** Reads FairPlay's required `iv`: 16 bytes in hex. @throws EventError -6003 */
export function readIv(parameters: TokenParameters): string {
  const iv = parameters.get(PARAMETERS.iv);
  if (iv === undefined || readHexBytes(iv, IV_BYTES) === undefined) {
    throw new EventError(-6003, 'it is 32 hexadecimal digits');
  }
  return iv;
}

function readKey(parameters: TokenParameters, kid: string | null, noUsableKey: EventCode): KeySource {
  const contentKey = parameters.get(PARAMETERS.contentKey);
  const kek = parameters.get(PARAMETERS.kek);
  if (contentKey === undefined && kek === undefined) {
    throw new EventError(noUsableKey, 'neither contentKey nor kek is given');
  }
  if (contentKey !== undefined) checkContentKey(contentKey);
  const wrappedKey = readEncryptedKey(parameters, PARAMETERS.ek, WRAPPED_KEY_BYTES);
  const kekBytes = readEncryptedKey(parameters, PARAMETERS.kek, KEK_BYTES);
  if (kekBytes === undefined) return { kind: 'given' };
  if (wrappedKey !== undefined) {
    checkIntegrity(kekBytes, wrappedKey);
    return { kind: 'given' };
  }
  if (kid === null) throw new EventError(noUsableKey, 'kek has neither ek nor kid');
  return { kind: 'stored', kid, kek: kekBytes };
}

function checkContentKey(contentKey: string): void {
  if (characterCount(contentKey) !== KEY_DIGITS) throw new EventError(-2027);
  if (!isHex(contentKey)) throw new EventError(-2005, 'it is not hexadecimal');
}

function readEncryptedKey(parameters: TokenParameters, name: string, lengths: readonly number[]) {
  const value = parameters.get(name);
  if (value === undefined) return undefined;
  const bytes = readHexBytes(value, lengths);
  if (bytes === undefined) throw new EventError(-4024, `${name} is not hexadecimal or has the wrong length`);
  return bytes;
}

function checkIntegrity(kek: Uint8Array, wrappedKey: Uint8Array): void {
  try {
    unwrapKey(kek, wrappedKey);
  } catch (error) {
    if (error instanceof KeyIntegrityError) throw new EventError(-4024, 'ek was not wrapped under kek');
    throw error;
  }
}
