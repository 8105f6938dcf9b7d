// The licence that a token is redeemed for.
import type { TokenService } from '@app/expressplay';
import type { LicenseTerms } from '../tokens/license-terms.js';
import type { SealedToken } from '../tokens/sealed-token.js';

/** What a licence server grants for a token, said in JSON where a real one would answer a device. */
export interface License extends LicenseTerms {
  readonly service: TokenService;
  /** When the licence was granted, RFC 3339. */
  readonly issuedAt: string;
  /** When the content stops playing whether play has started or not, RFC 3339; null when it does not. */
  readonly expiresAt: string | null;
  /** The token it was granted for. */
  readonly token: { readonly issuedAt: string; readonly expiresAt: string; readonly cookie: string | null };
}

/** Grants the licence of a token that was opened and has not expired. */
export function grantLicense(token: SealedToken, now: Date): License {
  const { service, terms, issuedAt, expiresAt, cookie } = token;
  return {
    service,
    issuedAt: now.toISOString(),
    expiresAt: endOf(terms, now),
    ...terms,
    token: { issuedAt, expiresAt, cookie },
  };
}

/** The earlier of the rental's end and the rental duration from now on. */
function endOf({ rentalEndsAt, rentalDurationSeconds }: LicenseTerms, now: Date): string | null {
  const ends = [
    ...(rentalEndsAt === null ? [] : [Date.parse(rentalEndsAt)]),
    ...(rentalDurationSeconds === null ? [] : [now.getTime() + rentalDurationSeconds * 1000]),
  ];
  return ends.length === 0 ? null : new Date(Math.min(...ends)).toISOString();
}
