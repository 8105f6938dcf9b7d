// The parameters that name the content key, alike for every DRM.
import { PARAMETERS } from './parameters.js';
import type { ContentKeySource } from './token-request.js';

/** One parameter as it goes on the wire, before form encoding. */
export type WireParameter = readonly [name: string, value: string];

/** `kek` and `ek`, `kek`, or `contentKey`, in lower-case hex. The `kid` is the request's own and not among them. */
export function keyParameters(key: ContentKeySource): WireParameter[] {
  switch (key.kind) {
    case 'wrapped':
      return [
        [PARAMETERS.kek, hex(key.kek)],
        [PARAMETERS.ek, hex(key.ek)],
      ];
    case 'key-storage':
      return [[PARAMETERS.kek, hex(key.kek)]];
    case 'clear':
      return [[PARAMETERS.contentKey, hex(key.contentKey)]];
  }
}

/** A KID as it is sent: hex in lower case, the text form (`^` and a string) untouched. */
export function kidParameter(kid: string): WireParameter {
  return [PARAMETERS.kid, kid.startsWith('^') ? kid : kid.toLowerCase()];
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
