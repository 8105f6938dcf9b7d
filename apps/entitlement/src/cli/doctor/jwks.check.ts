// Whether the issuer's public keys can be had, and fit the algorithms that are accepted.
import { JWKS_TIMEOUT_MS } from '../../deadlines.js';
import { KeySet } from '../../auth/key-set.js';
import { JwksFile, keySource, KeySourceError, type KeySourceFault } from '../../auth/key-source.js';
import { failed, ok, warning, type Check, type CheckContext, type Finding } from './check.js';

export const jwksCheck: Check = {
  name: 'jwks',
  summary: 'the public keys of bearer tokens',
  needs: ['AUTH_JWKS_URL', 'AUTH_ALGORITHMS'],
  run: jwksFindings,
};

async function jwksFindings({ environment, timeoutMs }: CheckContext): Promise<Finding[]> {
  const { AUTH_JWKS_URL: url, AUTH_ALGORITHMS: accepted } = environment;
  const looked = 'key set of AUTH_JWKS_URL';
  const limits = { timeoutMs: Math.min(timeoutMs, JWKS_TIMEOUT_MS), maxStaleSeconds: 0 };
  const source = keySource(url, limits);
  let keys: KeySet;
  try {
    keys = await KeySet.parse(await source.read());
  } catch (error) {
    if (!(error instanceof KeySourceError)) throw error;
    return [failed(looked, error.message, adviceFor(error.reason))];
  }
  const candidates = await Promise.all(accepted.map((alg) => keys.candidates({ alg, kid: undefined })));
  const usable = accepted.filter((_, index) => (candidates[index] ?? []).length > 0);
  const found = `${keys.size} usable key(s), ${keys.skipped} not used; algorithms ${usable.join(', ') || 'none'}`;
  const none = `No token can be accepted: see AUTH_ALGORITHMS (${accepted.join(', ')}) and what the issuer signs with.`;
  const finding = usable.length === 0 ? failed(looked, found, none) : ok(looked, found);
  if (!keys.hasSecretKeys) return [finding];
  const advice = 'Whoever reads them can sign tokens: publish public keys only, and replace these.';
  const secret = source instanceof JwksFile ? failed : warning;
  return [finding, secret(looked, 'it has private or symmetric keys in it', advice)];
}

function adviceFor(reason: KeySourceFault): string {
  switch (reason) {
    case 'unreachable':
    case 'timeout':
      return 'See AUTH_JWKS_URL, the DNS and certificates here, and that a NetworkPolicy lets this process through to the issuer.';
    case 'redirect':
      return 'Name the address that it is redirected to in AUTH_JWKS_URL.';
    case 'unreadable':
      return 'See that the file of AUTH_JWKS_URL is mounted and can be read by this user.';
    case 'status':
    case 'too-large':
    case 'encoding':
    case 'not-a-key-set':
    case 'no-usable-key':
      return "See that AUTH_JWKS_URL names the issuer's JSON Web Key Set.";
  }
}
