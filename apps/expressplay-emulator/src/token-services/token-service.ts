// What differs between the token services: their path, their checks and the shape of their answer.
import type { TokenService } from '@app/expressplay';
import type { TokenParameters } from '../protocol/parameters.js';
import type { LicenseTerms } from '../tokens/token.js';
import type { KeySource } from './keys.js';

/** A request whose parameters passed the checks. */
export interface CheckedRequest {
  readonly terms: LicenseTerms;
  readonly key: KeySource;
  readonly expiresAt: Date;
  readonly cookie: string | null;
}

/** A request for a token, decoded and not yet checked. */
export interface TokenAsked {
  readonly definition: TokenServiceDefinition;
  readonly method: string;
  readonly parameters: TokenParameters;
}

/** One token service. */
export interface TokenServiceDefinition {
  readonly service: TokenService;
  /** Where it is, below the emulator's base URL. */
  readonly path: string;
  /**
   * Checks the licence parameters in the documented order and reads them.
   *
   * @param issuedAt the moment of the token's issue, which relative times count from
   * @throws EventError with the code of the first check that fails
   */
  check(parameters: TokenParameters, issuedAt: Date): CheckedRequest;
  /**
   * The body of a success.
   *
   * @param baseUrl the emulator's own, without a slash at its end
   */
  answer(baseUrl: string, token: string): string;
}
