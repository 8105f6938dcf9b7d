// Turns a bearer token into the user it stands for, or says what is wrong with it.
import { Clock } from '@app/clock';
import { Injectable } from '@nestjs/common';
import { errors, type JWTPayload, jwtVerify, type JWTVerifyOptions } from 'jose';
import { Environment } from '../environment.js';
import { UnauthenticatedError } from './auth.errors.js';
import { SigningKeys } from './signing-keys.js';
import { tokenFault } from './token-faults.js';
import { User } from './user.js';

const MAX_SUBJECT_LENGTH = 255;
// Control characters and broken surrogates, which a database cannot keep as they are.
const UNUSABLE = /[\p{Cc}\p{Cs}]/u;

/** Verifies JWTs (RFC 7519, 8725): allowed asymmetric algorithms only; issuer, audience, expiry and subject required. */
@Injectable()
export class AccessTokenVerifier {
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
    let claims: JWTPayload;
    try {
      claims = await this.#claims(token);
    } catch (error) {
      const fault = tokenFault(error);
      // Without jose's error as a cause: it carries the claims.
      throw fault === undefined ? error : new UnauthenticatedError(fault);
    }
    const subject = claims.sub;
    if (
      typeof subject !== 'string' ||
      subject.length > MAX_SUBJECT_LENGTH ||
      subject === '' ||
      UNUSABLE.test(subject)
    ) {
      throw new UnauthenticatedError('subject');
    }
    return new User(subject, scopesOf(claims));
  }

  async #claims(token: string): Promise<JWTPayload> {
    const options: JWTVerifyOptions = {
      algorithms: this.environment.AUTH_ALGORITHMS,
      issuer: this.environment.AUTH_ISSUER,
      audience: this.environment.AUTH_AUDIENCE,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: this.environment.AUTH_CLOCK_SKEW_SECONDS,
      currentDate: this.clock.now(),
    };
    try {
      return (await jwtVerify(token, (header, jws) => this.keys.keyFor(header, jws), options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      return tryEach(error, token, options);
    }
  }
}

/** A token without a key id may be signed with any of the issuer's keys of its kind. */
async function tryEach(
  keys: errors.JWKSMultipleMatchingKeys,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

/** `scope` separated by spaces (RFC 9068), or `scp` as a list or as a text, as some issuers write it. */
function scopesOf(claims: JWTPayload): Set<string> {
  const claim = claims['scope'] ?? claims['scp'];
  const names = Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(' ') : [];
  return new Set(names.filter((name) => typeof name === 'string' && name !== ''));
}
