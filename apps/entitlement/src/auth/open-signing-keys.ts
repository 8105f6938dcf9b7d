// The signing keys that the configuration names: those at a URL, or those in a file.
import type { Clock } from '@app/platform/clock';
import { ConfigurationError } from '@app/platform/configuration';
import type { Environment } from '../environment.js';
import { SigningKeysUnavailableError } from './auth.errors.js';
import { JwksFile } from './jwks-file.js';
import { JwksUrl } from './jwks-url.js';
import type { KeySet } from './key-set.js';
import { KeySourceError } from './key-source.js';
import { type KeyLog, SigningKeys } from './signing-keys.js';

type KeySettings = Pick<
  Environment,
  'AUTH_JWKS_FILE' | 'AUTH_JWKS_URL' | 'AUTH_JWKS_TIMEOUT_MS' | 'AUTH_JWKS_MAX_STALE_SECONDS'
>;

/**
 * Opens the source of keys. A file is read at once, since a wrong one is a mistake of the deployment; a URL when a key is
 * first needed, since the issuer may be down while the service starts.
 *
 * @throws ConfigurationError when the file is not a set of public keys
 */
export async function openSigningKeys(settings: KeySettings, clock: Clock, log: KeyLog): Promise<SigningKeys> {
  if (settings.AUTH_JWKS_FILE === undefined) {
    const options = {
      timeoutMs: settings.AUTH_JWKS_TIMEOUT_MS,
      maxStaleSeconds: settings.AUTH_JWKS_MAX_STALE_SECONDS,
    };
    return new SigningKeys(new JwksUrl(settings.AUTH_JWKS_URL ?? '', options), clock, log);
  }
  const keys = new SigningKeys(new JwksFile(settings.AUTH_JWKS_FILE), clock, log);
  const problem = problemOf(await firstKeys(keys));
  if (problem !== undefined) throw new ConfigurationError([{ variable: 'AUTH_JWKS_FILE', problem }]);
  return keys;
}

async function firstKeys(keys: SigningKeys): Promise<KeySet | KeySourceError> {
  try {
    return await keys.current();
  } catch (error) {
    if (error instanceof SigningKeysUnavailableError && error.cause instanceof KeySourceError) return error.cause;
    throw error;
  }
}

function problemOf(keys: KeySet | KeySourceError): string | undefined {
  if (!(keys instanceof KeySourceError)) {
    return keys.hasSecretKeys ? 'names a file with private keys; expected public keys only' : undefined;
  }
  return keys.reason === 'no-usable-key'
    ? 'names a file without a public key that may verify signatures'
    : 'names a file that is not a readable JSON Web Key Set';
}
