// Key id and content key, in its three forms.
import { type EventCode, type TokenService, unwrapKey } from '@app/expressplay';
import { EventError } from '../protocol/errors.js';
import type { KeyParameters, ParameterName, TokenParameters } from '../protocol/parameters.js';
import { characterCount, checkKid, isHex } from '../protocol/values.js';

/** A content key that is not in the request: key storage has it by `kid`, wrapped under this KEK. */
export interface StoredKey {
  readonly kid: string;
  readonly kek: Uint8Array;
}

/** A content key of a token. */
export interface ContentKey {
  /** null where FairPlay names none. */
  readonly kid: string | null;
  /** 16 bytes, never wrapped. */
  readonly key: Uint8Array;
}

/** A wrapped 16-byte content key has 24 bytes; KEKs are AES keys of any of the three lengths. */
export const EK_BYTES = [24] as const;
export const KEK_BYTES = [16, 24, 32] as const;

/** One of a title's keys: what was given for it, and its KID. */
export interface AskedKey {
  readonly parameters: KeyParameters;
  readonly kid: string;
}

/** The names that a request has either without numbers, or with one for each key. */
const NUMBERED_OR_NOT = ['kid', 'contentKey', 'ek'] as const;

/**
 * Reads the KIDs of a request for one key, or for several whose parameters carry numbers from 0 on.
 *
 * @param invalidKeys the service's code for a request that has both
 * @throws EventError that, -4018 also for a number that is left out, -4020, -4021, -4022 also for a KID that comes twice
 */
export function readKids(parameters: TokenParameters, service: TokenService, invalidKeys: EventCode): AskedKey[] {
  const numbers = parameters.numbers(service);
  if (numbers.length === 0) return [{ parameters, kid: readKid(parameters) }];
  if (NUMBERED_OR_NOT.some((name) => parameters.has(name))) {
    throw new EventError(invalidKeys, 'kid, contentKey and ek come with numbers or without');
  }
  const gap = numbers.findIndex((number, index) => number !== index);
  if (gap !== -1) throw new EventError(-4018, `kid.${gap} is missing: numbers begin with 0 and leave none out`);
  const keys = numbers.map((number) => {
    const own = parameters.ofKey(number, service);
    return { parameters: own, kid: readKid(own) };
  });
  const kids = keys.map(({ kid }) => (kid.startsWith('^') ? kid : kid.toLowerCase()));
  if (new Set(kids).size < kids.length) throw new EventError(-4022, 'two keys have the same one');
  return keys;
}

/** Reads the content keys of a request. @throws EventError as `readKey` */
export function readKeys(keys: readonly AskedKey[], noUsableKey: EventCode): StoredKey[] {
  return keys.flatMap(({ parameters, kid }) => readKey(parameters, kid, noUsableKey) ?? []);
}

/** Reads a required `kid`. @throws EventError -4018, -4020, -4021, -4022 */
export function readKid(parameters: KeyParameters): string {
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
export function readKey(parameters: KeyParameters, kid: string | null, noUsableKey: EventCode): StoredKey | undefined {
  const contentKey = parameters.get('contentKey');
  const kek = parameters.get('kek');
  if (contentKey === undefined && kek === undefined) {
    throw new EventError(noUsableKey, 'neither contentKey nor kek is given');
  }
  if (contentKey !== undefined) checkContentKey(contentKey);
  const wrappedKey = readEncryptedKey(parameters, 'ek', EK_BYTES);
  const kekBytes = readEncryptedKey(parameters, 'kek', KEK_BYTES);
  if (kekBytes === undefined) return undefined;
  if (wrappedKey !== undefined) {
    if (unwrapped(kekBytes, wrappedKey) === undefined) throw new EventError(-4024, 'ek was not wrapped under kek');
    return undefined;
  }
  if (kid === null) throw new EventError(noUsableKey, 'kek has neither ek nor kid');
  return { kid, kek: kekBytes };
}

/** Checks a clear content key. @throws EventError -2005, -2027 */
export function checkContentKey(contentKey: string): void {
  if (characterCount(contentKey) !== 32) throw new EventError(-2027);
  if (!isHex(contentKey)) throw new EventError(-2005, 'it is not hexadecimal');
}

/** Reads a KEK or a wrapped key, of one of some lengths in bytes; undefined when it is not given. @throws EventError -4024 */
export function readEncryptedKey(
  parameters: Pick<KeyParameters, 'get'>,
  name: ParameterName,
  lengths: readonly number[],
) {
  const value = parameters.get(name);
  if (value === undefined) return undefined;
  if (!isHex(value) || !lengths.includes(value.length / 2)) {
    throw new EventError(-4024, `${name} is not hexadecimal or has the wrong length`);
  }
  return new Uint8Array(Buffer.from(value, 'hex'));
}

/** The key that was wrapped under a KEK, both of lengths that are right; undefined when it was wrapped under another. */
export function unwrapped(kek: Uint8Array, wrappedKey: Uint8Array): Uint8Array | undefined {
  try {
    return unwrapKey(kek, wrappedKey);
  } catch {
    return undefined;
  }
}

/** The content keys that a request has in itself, clear or wrapped, once it is checked. */
export function givenKeys(keys: readonly { parameters: KeyParameters; kid: string | null }[]): ContentKey[] {
  return keys.flatMap(({ parameters, kid }) => {
    const [contentKey, kek, ek] = (['contentKey', 'kek', 'ek'] as const).map((name) => {
      const value = parameters.get(name);
      return value === undefined ? undefined : new Uint8Array(Buffer.from(value, 'hex'));
    });
    const key = contentKey ?? (kek && ek && unwrapped(kek, ek));
    return key === undefined ? [] : [{ kid, key }];
  });
}
