// Turns a bearer token into the user it stands for, or says what is wrong with it.
import { hash } from 'node:crypto';
import { Clock } from '@app/platform/clock';
import { Injectable } from '@nestjs/common';
import { compactVerify, errors, type JWTPayload, jwtVerify } from 'jose';
import { Environment } from '../environment.js';
import { accessClaimsFault, readTokenHeader, scopesOf, strictJsonObject, type TokenHeader } from './access-token.js';
import { type TokenFault, UnauthenticatedError } from './auth.errors.js';
import type { KeySet } from './key-set.js';
import { SigningKeys } from './signing-keys.js';
import { User } from './user.js';

/** How far the issuer's clock may be off. */
const CLOCK_SKEW_SECONDS = 5;
/**
 * Tokens that are remembered, by their lengths in characters; the one verified longest ago is forgotten first. What is kept of a
 * token takes up to five bytes for each of its characters, in its scopes.
 */
const MOST_REMEMBERED = 10_000_000;
/** What a shorter token counts as. */
const LEAST_LENGTH = 1000;

/** What a verified token stands for, while the keys are those that it was verified with. */
interface Verified {
  readonly user: User;
  readonly keys: KeySet;
  readonly from: Date;
  /** In seconds since 1970. */
  readonly until: number;
  /** What it counts as. */
  readonly length: number;
}

/** Verifies JWTs (RFC 7519, 8725): allowed asymmetric algorithms only; issuer, audience, expiry and subject required. */
@Injectable()
export class AccessTokenVerifier {
  /** By the tokens' hashes. */
  readonly #verified = new Map<string, Verified>();
  #remembered = 0;

  constructor(
    private readonly environment: Environment,
    private readonly clock: Clock,
    private readonly keys: SigningKeys,
  ) {}

  /**
   * The user that the token stands for.
   *
   * @throws UnauthenticatedError when the token is not valid now
   * @throws SigningKeysUnavailableError when the issuer's keys cannot be had
   */
  async verify(token: string): Promise<User> {
    const digest = hash('sha256', token, 'base64');
    const known = this.#verified.get(digest);
    if (known !== undefined && known.keys === (await this.keys.current()) && isInTime(known, this.clock.now())) {
      return known.user;
    }
    this.#forget(digest);
    const verified = await this.#verify(token);
    this.#remember(digest, verified);
    return verified.user;
  }

  #remember(digest: string, verified: Verified): void {
    this.#forget(digest);
    this.#verified.set(digest, verified);
    this.#remembered += verified.length;
    for (const oldest of this.#verified.keys()) {
      if (this.#remembered <= MOST_REMEMBERED) break;
      this.#forget(oldest);
    }
  }

  #forget(digest: string): void {
    this.#remembered -= this.#verified.get(digest)?.length ?? 0;
    this.#verified.delete(digest);
  }

  async #verify(token: string): Promise<Verified> {
    const from = this.clock.now();
    const header = readTokenHeader(token, this.environment.AUTH_ALGORITHMS);
    let claims: JWTPayload;
    let keys: KeySet;
    try {
      [claims, keys] = await this.#claims(token, header);
    } catch (error) {
      const fault = tokenFault(error);
      // Without jose's error as a cause: it carries the claims.
      throw fault === undefined ? error : new UnauthenticatedError(fault);
    }
    const fault = accessClaimsFault(claims, {
      audiences: this.environment.AUTH_AUDIENCE,
      audienceClaim: this.environment.AUTH_AUDIENCE_CLAIM,
      now: this.clock.now().getTime() / 1000,
      skew: CLOCK_SKEW_SECONDS,
      isAccessToken: header.isAccessToken,
    });
    if (fault !== undefined) throw new UnauthenticatedError(fault);
    const user = new User(claims.sub ?? '', scopesOf(claims, this.environment.AUTH_SCOPE_CLAIMS));
    const until = (claims.exp ?? 0) + CLOCK_SKEW_SECONDS;
    return { user, keys, from, until, length: Math.max(token.length, LEAST_LENGTH) };
  }

  /**
   * Whether the key is unknown or the signature wrong, the issuer is asked alike for new keys: an answer, and the time it
   * takes, do not tell which key ids there are.
   */
  async #claims(token: string, header: TokenHeader): Promise<[JWTPayload, KeySet]> {
    const keys = await this.keys.current();
    try {
      return [await this.#claimsBy(keys, token, header), keys];
    } catch (error) {
      if (!isAboutKeys(error)) throw error;
      const others = await this.keys.otherThan(keys);
      if (others === undefined) throw error;
      return [await this.#claimsBy(others, token, header), others];
    }
  }

  async #claimsBy(keys: KeySet, token: string, header: TokenHeader): Promise<JWTPayload> {
    const candidates = await keys.candidates(header);
    if (candidates.length === 0) {
      await workInVain(keys, token, header);
      throw new errors.JWKSNoMatchingKey();
    }
    for (const key of candidates) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: this.environment.AUTH_ALGORITHMS,
          issuer: this.environment.AUTH_ISSUER,
          requiredClaims: ['exp', 'sub'],
          clockTolerance: CLOCK_SKEW_SECONDS,
          currentDate: this.clock.now(),
        });
        refuseRepeatedNames(token);
        return payload;
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** A clock that was set back has every claim about time looked at again. */
function isInTime({ from, until }: Verified, now: Date): boolean {
  return from <= now && Math.floor(now.getTime() / 1000) < until;
}

function isAboutKeys(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed;
}

/** Verifies with a key that is not the token's, whatever comes of it, so that an unknown key id takes as long as a known one. */
async function workInVain(keys: KeySet, token: string, { alg }: TokenHeader): Promise<void> {
  const [any] = await keys.candidates({ alg, kid: undefined });
  if (any !== undefined) await compactVerify(token, any).catch(() => undefined);
}

function refuseRepeatedNames(token: string): void {
  try {
    strictJsonObject(token.split('.')[1] ?? '');
  } catch {
    throw new errors.JWTInvalid('The claims are ambiguous.');
  }
}

const CLAIM_FAULTS: ReadonlyMap<string, TokenFault> = new Map([
  ['iss', 'issuer'],
  ['sub', 'subject'],
  ['nbf', 'not-yet-valid'],
]);

/** The fault for an error of jose's `jwtVerify`, or undefined for an error that is not about the token. */
function tokenFault(error: unknown): TokenFault | undefined {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    // A claim of the wrong type ("invalid") says nothing about time.
    return error.claim === 'nbf' && error.reason === 'invalid' ? 'claims' : (CLAIM_FAULTS.get(error.claim) ?? 'claims');
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown-key';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  return error instanceof errors.JOSEError ? 'malformed' : undefined;
}
