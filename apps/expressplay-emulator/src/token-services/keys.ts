// Key id and content key, in its three forms.
import { type EventCode, unwrapKey } from '@app/expressplay';
import { EventError } from '../protocol/errors.js';
import type { ParameterName, TokenParameters } from '../protocol/parameters.js';
import { characterCount, checkKid, isHex } from '../protocol/values.js';

/** A content key that is not in the request: key storage has it by `kid`, wrapped under this KEK. */
export interface StoredKey {
  readonly kid: string;
  readonly kek: Uint8Array;
}

/** Reads a required `kid`. @throws EventError -4018, -4020, -4021, -4022 */
export function readKid(parameters: TokenParameters): string {
  const kid = parameters.get('kid');
  if (kid === undefined || kid === '') throw new EventError(-4018);
  return checkKid(kid);
}

/**
 * Reads the content key from wherever it comes; undefined when that is the request itself.
 *
 * @param noUsableKey the service's code for a request without one
 * @throws EventError that, -2005, -2027, -4024
 */
export function readKey(
  parameters: TokenParameters,
  kid: string | null,
  noUsableKey: EventCode,
): StoredKey | undefined {
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
  if (kekBytes === undefined) return undefined;
  if (wrappedKey !== undefined) {
    if (!isWrappedUnder(kekBytes, wrappedKey)) throw new EventError(-4024, 'ek was not wrapped under kek');
    return undefined;
  }
  if (kid === null) throw new EventError(noUsableKey, 'kek has neither ek nor kid');
  return { kid, kek: kekBytes };
}

function readEncryptedKey(parameters: TokenParameters, name: ParameterName, lengths: readonly number[]) {
  const value = parameters.get(name);
  if (value === undefined) return undefined;
  if (!isHex(value) || !lengths.includes(value.length / 2)) {
    throw new EventError(-4024, `${name} is not hexadecimal or has the wrong length`);
  }
  return new Uint8Array(Buffer.from(value, 'hex'));
}

/** Whether a key was wrapped under a KEK, both of lengths that are right. */
export function isWrappedUnder(kek: Uint8Array, wrappedKey: Uint8Array): boolean {
  try {
    unwrapKey(kek, wrappedKey);
    return true;
  } catch {
    return false;
  }
}
