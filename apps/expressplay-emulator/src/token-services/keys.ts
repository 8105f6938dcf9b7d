// Key id and content key, in its three forms.
import { type EventCode, KeyIntegrityError, unwrapKey } from '@app/expressplay';
import { EventError } from '../protocol/errors.js';
import type { ParameterName, TokenParameters } from '../protocol/parameters.js';
import { characterCount, checkKid, isHex, readHexBytes } from '../protocol/values.js';

/** Where the content key of a licence comes from: the request itself, or key storage by `kid` under this KEK. */
export type KeySource =
  { readonly kind: 'given' } | { readonly kind: 'stored'; readonly kid: string; readonly kek: Uint8Array };

/** Reads a required `kid`. @throws EventError -4018, -4020, -4021, -4022 */
export function readKid(parameters: TokenParameters): string {
  const kid = parameters.get('kid');
  if (kid === undefined || kid === '') throw new EventError(-4018);
  return checkKid(kid);
}

/**
 * Reads the content key from wherever it comes.
 *
 * @param noUsableKey the service's code for a request without one
 * @throws EventError that, -2005, -2027, -4024
 */
export function readKey(parameters: TokenParameters, kid: string | null, noUsableKey: EventCode): KeySource {
  const contentKey = parameters.get('contentKey');
  const kek = parameters.get('kek');
  if (contentKey === undefined && kek === undefined) {
    throw new EventError(noUsableKey, 'neither contentKey nor kek is given');
  }
  if (contentKey !== undefined) {
    if (characterCount(contentKey) !== 32) throw new EventError(-2027);
    if (!isHex(contentKey)) throw new EventError(-2005, 'it is not hexadecimal');
  }
  // A wrapped 16-byte content key has 24 bytes; KEKs are AES keys of any of the three lengths.
  const wrappedKey = readEncryptedKey(parameters, 'ek', [24]);
  const kekBytes = readEncryptedKey(parameters, 'kek', [16, 24, 32]);
  if (kekBytes === undefined) return { kind: 'given' };
  if (wrappedKey !== undefined) {
    checkIntegrity(kekBytes, wrappedKey);
    return { kind: 'given' };
  }
  if (kid === null) throw new EventError(noUsableKey, 'kek has neither ek nor kid');
  return { kind: 'stored', kid, kek: kekBytes };
}

function readEncryptedKey(parameters: TokenParameters, name: ParameterName, lengths: readonly number[]) {
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
