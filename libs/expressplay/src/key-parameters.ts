// The parameters that name the content key, alike for every DRM.
import { PARAMETERS } from './parameters.js';
import type { ContentKeySource } from './token-request.js';

/**
 * One parameter as it goes on the wire, before form encoding. Bytes are keys: they are written in lower-case hex, straight
 * into the form, so that no string of them is left behind.
 */
export type WireParameter = readonly [name: string, value: string | Uint8Array];

/** `kek` and `ek`, `kek`, or `contentKey`. The `kid` is the request's own and not among them. */
export function keyParameters(key: ContentKeySource): WireParameter[] {
  switch (key.kind) {
    case 'wrapped':
      return [
        [PARAMETERS.kek, key.kek],
        [PARAMETERS.ek, key.ek],
      ];
    case 'key-storage':
      return [[PARAMETERS.kek, key.kek]];
    case 'clear':
      return [[PARAMETERS.contentKey, key.contentKey]];
  }
}

/** A KID as it is sent: hex in lower case, the text form (`^` and a string) untouched. */
export function kidParameter(kid: string): WireParameter {
  return [PARAMETERS.kid, kid.startsWith('^') ? kid : kid.toLowerCase()];
}
