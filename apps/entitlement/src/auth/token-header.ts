// What a bearer token says of itself before anything of it is believed: the bounds come first, then the JOSE header.
import { type TokenFault, UnauthenticatedError } from './auth.errors.js';
import { strictJsonObject } from './strict-json.js';

/** Longest token, in characters. Issuers that put many roles into a token stay well below. */
export const MAX_TOKEN_LENGTH = 8192;
/** Longest encoded JOSE header, in characters. */
const MAX_HEADER_LENGTH = 2048;
const MAX_KEY_ID_LENGTH = 255;

/** A compact JWS (RFC 7515, 7.1), unsigned ones too, so that those are told what is wrong. */
const COMPACT = /^([\w-]+)\.[\w-]+\.[\w-]*$/;

/** Types of an access token (RFC 9068, 2.1), and the general one that many issuers still write. */
const ACCESS_TOKEN_TYPES: readonly unknown[] = [undefined, 'jwt', 'at+jwt'];

/** The part of a token's header that the search for its key goes by. */
export interface TokenHeader {
  readonly alg: string;
  readonly kid: string | undefined;
  /** Whether the header says that this is an access token and nothing else. */
  readonly isAccessToken: boolean;
}

/**
 * Reads and checks the header of a token. Where it says that its key can be found (`jwk`, `jku`, `x5u`, `x5c`) is not
 * looked at: keys are those of the configured set alone.
 *
 * @param algorithms those that are allowed
 * @throws UnauthenticatedError when the token cannot be an access token that this service accepts
 */
export function readTokenHeader(token: string, algorithms: readonly string[]): TokenHeader {
  if (token.length > MAX_TOKEN_LENGTH) throw new UnauthenticatedError('too-long');
  const encoded = COMPACT.exec(token)?.[1];
  if (encoded === undefined) throw new UnauthenticatedError('malformed');
  if (encoded.length > MAX_HEADER_LENGTH) throw new UnauthenticatedError('too-long');
  const { alg, kid, typ, ...others } = parse(encoded);
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
  const fault = faultOf({ alg, kid, type, isExtended: 'crit' in others }, algorithms);
  if (fault !== undefined) throw new UnauthenticatedError(fault);
  return { alg: String(alg), kid: kid as string | undefined, isAccessToken: type === 'at+jwt' };
}

function parse(encoded: string): Record<string, unknown> {
  try {
    return strictJsonObject(encoded);
  } catch {
    throw new UnauthenticatedError('malformed');
  }
}

interface Parameters {
  readonly alg: unknown;
  readonly kid: unknown;
  readonly type: unknown;
  readonly isExtended: boolean;
}

function faultOf({ alg, kid, type, isExtended }: Parameters, algorithms: readonly string[]): TokenFault | undefined {
  if (typeof alg !== 'string') return 'malformed';
  if (!algorithms.includes(alg)) return 'algorithm';
  // No extension is understood here, and one that is critical must be (RFC 7515, 4.1.11).
  if (isExtended) return 'extension';
  if (!ACCESS_TOKEN_TYPES.includes(type)) return 'kind';
  const namesKey = kid === undefined || (typeof kid === 'string' && kid.length <= MAX_KEY_ID_LENGTH);
  return namesKey ? undefined : 'malformed';
}
