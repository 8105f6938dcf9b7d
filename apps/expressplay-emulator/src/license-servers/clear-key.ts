// ClearKey, the DRM that every browser has for tests: https://www.w3.org/TR/encrypted-media/#clear-key
import { EventError } from '../protocol/errors.js';
import type { ContentKey } from '../token-services/keys.js';

const KID_BYTES = 16;

/** A licence: a JWK set. */
interface ClearKeyLicense {
  readonly keys: readonly { readonly kty: 'oct'; readonly kid: string; readonly k: string }[];
  readonly type: 'temporary';
}

/**
 * The KIDs, in lower-case hex, that ClearKey asks for with `{"kids": ["<base64url>"], "type": "temporary"}`; undefined for the
 * challenge of any other DRM.
 *
 * @throws EventError -4022 for a KID that is none, -5003 for a licence that is to be kept
 */
export function readClearKeyRequest(challenge: string): string[] | undefined {
  const { kids, type = 'temporary' } = membersOf(challenge);
  if (!Array.isArray(kids)) return undefined;
  if (type !== 'temporary') throw new EventError(-5003, 'ClearKey licences are temporary');
  return kids.map((kid: unknown) => {
    const bytes = Buffer.from(typeof kid === 'string' ? kid : '', 'base64url');
    if (bytes.length !== KID_BYTES) throw new EventError(-4022, 'those of ClearKey are 16 bytes in base64url');
    return bytes.toString('hex');
  });
}

/**
 * The licence for those of a token's keys that are asked for. It has no end, which ClearKey does not know: that is left to the player.
 *
 * @throws EventError -4022 when the token has none of them
 */
export function clearKeyLicense(kids: readonly string[], keys: readonly ContentKey[]): ClearKeyLicense {
  const granted = keys.filter(({ kid }) => kid !== null && kids.includes(kid.toLowerCase()));
  if (granted.length === 0) throw new EventError(-4022, 'the token has no key of those that are asked for');
  return {
    keys: granted.map(({ kid, key }) => ({
      kty: 'oct',
      kid: base64url(Buffer.from(kid ?? '', 'hex')),
      k: base64url(key),
    })),
    type: 'temporary',
  };
}

function membersOf(challenge: string): { kids?: unknown; type?: unknown } {
  if (!challenge.startsWith('{')) return {};
  try {
    return JSON.parse(challenge) as object;
  } catch {
    return {};
  }
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
