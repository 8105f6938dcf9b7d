// Configuration of who is asking: whose bearer tokens are accepted, and how they are read.
import { Variable } from '@app/platform/configuration';
import { ArrayNotEmpty, IsIn, Length, Matches } from 'class-validator';
import { keySetUrl } from './formats.js';

/** Asymmetric algorithms that `AUTH_ALGORITHMS` may allow (RFC 7518, 8037 and 9864). */
const ASYMMETRIC = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');

/** The variables of the issuer; a part of `Environment`. */
export class AuthEnvironment {
  @Variable({ description: 'Issuer (iss) of bearer tokens.', example: 'https://login.example.com/' })
  @Length(1, 1000)
  readonly AUTH_ISSUER!: string;

  @Variable({
    description: 'Audience (aud) that bearer tokens must name; of several, separated by commas, one.',
    example: 'expressplay-bff',
  })
  @ArrayNotEmpty()
  @Length(1, 1000, { each: true })
  readonly AUTH_AUDIENCE!: string[];

  @Variable({
    description: 'Claim that must name the audience in bearer tokens without aud; by default those are refused.',
    example: 'client_id',
    optional: true,
  })
  @Length(1, 255)
  readonly AUTH_AUDIENCE_CLAIM?: string;

  @Variable({
    description: 'Claims that hold scopes, separated by commas; of those that a bearer token has, the first counts.',
    default: 'scope,scp',
  })
  @ArrayNotEmpty()
  @Length(1, 255, { each: true })
  readonly AUTH_SCOPE_CLAIMS!: string[];

  @Variable({
    description: "What the issuer puts before this service's scopes, such as playback.",
    example: 'entitlement/',
    optional: true,
  })
  @Matches(/^[\x21\x23-\x5B\x5D-\x7E]{1,255}$/, { message: 'must be characters that scopes may have' })
  readonly AUTH_SCOPE_PREFIX?: string;

  @Variable({
    description:
      'Where the public keys of bearer tokens (a JSON Web Key Set) are: an https URL, or the file URL of a file.',
    example: 'https://login.example.com/.well-known/jwks.json',
    parse: keySetUrl,
  })
  readonly AUTH_JWKS_URL!: string;

  @Variable({
    description: 'Signature algorithms of bearer tokens that are accepted, separated by commas.',
    default: 'RS256,PS256,ES256,EdDSA,Ed25519',
  })
  @ArrayNotEmpty()
  @IsIn(ASYMMETRIC, { each: true })
  readonly AUTH_ALGORITHMS!: string[];
}
