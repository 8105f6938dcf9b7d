// The contents of a token, as they are sealed into it.
import type { TokenService } from '@app/expressplay';
import type { ShownParameters } from '../protocol/token-parameters.js';
import type { LicenseTerms } from './license-terms.js';

/** What a token carries. Moments are RFC 3339 texts. It never carries a key or an authenticator. */
export interface SealedToken {
  readonly service: TokenService;
  readonly issuedAt: string;
  /** The token can be redeemed before this moment, not at it. */
  readonly expiresAt: string;
  readonly cookie: string | null;
  readonly terms: LicenseTerms;
  /** The parameters exactly as asked, the secret ones redacted. */
  readonly parameters: ShownParameters;
}

/** Whether a token cannot be redeemed any more. */
export function hasExpired(token: SealedToken, now: Date): boolean {
  return now.getTime() >= Date.parse(token.expiresAt);
}
