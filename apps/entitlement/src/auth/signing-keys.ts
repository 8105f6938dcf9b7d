// The public keys that bearer tokens are verified with, from the issuer's URL or from a file.
import { readFile } from 'node:fs/promises';
import { ConfigurationError } from '@app/configuration';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  type CryptoKey,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from 'jose';
import { SigningKeysUnavailableError } from './auth.errors.js';

type FindKey = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

/** Longest wait for the issuer's keys, in ms. */
const FETCH_TIMEOUT_MS = 3000;
/** How long fetched keys are used, in ms. */
const CACHE_MAX_AGE_MS = 600_000;
/** How long after a fetch unknown key ids do not cause another one, in ms: forged ids must not make us a flood. */
const COOLDOWN_MS = 30_000;

/** A JSON Web Key Set that finds the key for a token. */
export class SigningKeys {
  private constructor(private readonly find: FindKey) {}

  /** Keys from a URL: fetched when first needed, cached, and fetched again when a token names an unknown key. */
  static fromUrl(url: string): SigningKeys {
    return new SigningKeys(
      createRemoteJWKSet(new URL(url), {
        timeoutDuration: FETCH_TIMEOUT_MS,
        cacheMaxAge: CACHE_MAX_AGE_MS,
        cooldownDuration: COOLDOWN_MS,
      }),
    );
  }

  /**
   * Keys from a file, read once.
   *
   * @param variable the environment variable that named the file, for the error
   * @throws ConfigurationError when the file is not a set of public keys
   */
  static async fromFile(path: string, variable: string): Promise<SigningKeys> {
    let keySet: JSONWebKeySet;
    try {
      keySet = JSON.parse(await readFile(path, 'utf8')) as JSONWebKeySet;
      createLocalJWKSet(keySet);
    } catch {
      // The error would quote the path or the file.
      throw new ConfigurationError([{ variable, problem: 'names a file that is not a readable JSON Web Key Set' }]);
    }
    if (keySet.keys.some((key) => 'd' in key || 'k' in key)) {
      throw new ConfigurationError([
        { variable, problem: 'names a file with private keys; expected public keys only' },
      ]);
    }
    return new SigningKeys(createLocalJWKSet(keySet));
  }

  /**
   * The key for a token, for jose's `jwtVerify`.
   *
   * @throws JWKSNoMatchingKey or JWKSMultipleMatchingKeys, which are the token's fault
   * @throws SigningKeysUnavailableError when the keys cannot be had
   */
  async keyFor(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    try {
      return await this.find(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      throw new SigningKeysUnavailableError(error);
    }
  }
}
