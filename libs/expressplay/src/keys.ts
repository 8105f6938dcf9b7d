// The parameters that name the content key, alike for every DRM: `kid`, and `kek` and `ek`, `kek`, or `contentKey`.
import { characterCount, isHex, isWellFormed, PARAMETERS, refuseIf, type WireParameter } from './parameters.js';

/** Where ExpressPlay takes the content key from (the rows `contentKey`, `kek`, `ek` and `kid` of the licence parameters). */
export type ContentKeySource =
  /** `kek` + `ek`: the KEK (16, 24 or 32 bytes) and the content key wrapped under it with RFC 3394 (24 bytes). */
  | { kind: 'wrapped'; kek: Uint8Array; ek: Uint8Array }
  /** `kek` + `kid`: ExpressPlay's key storage holds the wrapped key under the request's `kid`. */
  | { kind: 'key-storage'; kek: Uint8Array }
  /** `contentKey`: the 16 bytes of the key itself, for accounts that need it. */
  | { kind: 'clear'; contentKey: Uint8Array };

/**
 * Checks a KID: 32 hex digits, or `^` and 1 to 64 characters.
 *
 * @throws InvalidTokenRequestError -4018 empty, -4020 wrong length, -4021 text too long, -4022 not hex, a bare `^` or not well-formed
 */
export function checkKid(kid: string): void {
  refuseIf(kid === '', PARAMETERS.kid, -4018);
  if (kid.startsWith('^')) {
    refuseIf(kid.length === 1, PARAMETERS.kid, -4022);
    refuseIf(characterCount(kid) - 1 > 64, PARAMETERS.kid, -4021);
    refuseIf(!isWellFormed(kid), PARAMETERS.kid, -4022);
  } else {
    refuseIf(kid.length !== 32, PARAMETERS.kid, -4020);
    refuseIf(!isHex(kid), PARAMETERS.kid, -4022);
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
    refuseIf(key.contentKey.length !== 16, PARAMETERS.contentKey, -2027);
    return;
  }
  refuseIf(![16, 24, 32].includes(key.kek.length), PARAMETERS.kek, -4024);
  refuseIf(key.kind === 'wrapped' && key.ek.length !== 24, PARAMETERS.ek, -4024);
}

/** One of a title's keys. */
export interface TrackKey {
  /** The KID: 32 hex digits, or `^` and at most 64 characters. */
  kid: string;
  key: ContentKeySource;
}

/**
 * Checks the KIDs and keys of a title, the KIDs first.
 *
 * @throws InvalidTokenRequestError as `checkKid` and `checkKey`, -4022 a KID that comes twice, `several-keks` keys of more than one
 *   KEK, or some clear and some not: a request has one `kek` or none
 */
export function checkKeys(keys: readonly TrackKey[]): void {
  for (const { kid } of keys) checkKid(kid);
  refuseIf(new Set(keys.map(({ kid }) => sentKid(kid))).size < keys.length, PARAMETERS.kid, -4022);
  for (const { key } of keys) checkKey(key);
  refuseIf(!keys.every(({ key }) => sharesKek(key, keys[0]!.key)), PARAMETERS.kek, 'several-keks');
}

function sharesKek(key: ContentKeySource, other: ContentKeySource): boolean {
  if (key.kind === 'clear' || other.kind === 'clear') return key.kind === other.kind;
  return Buffer.compare(key.kek, other.kek) === 0;
}

/**
 * The parameters of a title's keys: of one as the tables have them. Those of several carry numbers from 0 on (`kid.0`), which no table has and a public client
 * sends; the `kek` is there once.
 *
 * @param own what a key has beside KID and content key
 */
export function numberedParameters<K extends TrackKey>(
  keys: readonly K[],
  own: (key: K) => readonly WireParameter[] = () => [],
): WireParameter[] {
  const each = keys.map((key) => [kidParameter(key.kid), ...keyParameters(key.key), ...own(key)]);
  const [only = []] = each;
  if (each.length === 1) return only;
  const isShared = ([name]: WireParameter) => name === PARAMETERS.kek;
  const numbered = each.flatMap((parameters, number) =>
    parameters.filter((one) => !isShared(one)).map(([name, value]): WireParameter => [`${name}.${number}`, value]),
  );
  return [...only.filter(isShared), ...numbered];
}

function sentKid(kid: string): string {
  return kid.startsWith('^') ? kid : kid.toLowerCase();
}

/** A KID as it is sent: hex in lower case, the text form (`^` and a string) untouched. */
export function kidParameter(kid: string): WireParameter {
  return [PARAMETERS.kid, sentKid(kid)];
}

/** `kek` and `ek`, `kek`, or `contentKey`. The `kid` is the request's own and not among them. */
export function keyParameters(key: ContentKeySource): WireParameter[] {
  if (key.kind === 'clear') return [[PARAMETERS.contentKey, key.contentKey]];
  const kek: WireParameter = [PARAMETERS.kek, key.kek];
  return key.kind === 'wrapped' ? [kek, [PARAMETERS.ek, key.ek]] : [kek];
}
