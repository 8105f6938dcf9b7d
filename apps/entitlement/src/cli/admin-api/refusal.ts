// Why the service did not take a request, in words that say what to change.
import { CommandError, EXIT, unavailable, usageError } from '../terminal/exit-codes.js';

const REQUEST_TIMEOUT = 408;
const TOO_MANY_REQUESTS = 429;

/** What is read of a problem document. */
interface Problem {
  code?: string;
  detail?: string;
}

/**
 * @param answer the body of an answer that is no success
 * @param bearer only its time of expiry is looked at
 */
export function refusal(status: number, answer: string, url: string, bearer: string, now: Date): CommandError {
  const { code, detail } = problemOf(answer);
  // Waiting helps: the service or what stands before it is busy, or the lines came too slowly.
  if (status >= 500 || status === TOO_MANY_REQUESTS || status === REQUEST_TIMEOUT) {
    return unavailable(
      `The service at ${url} cannot do it at the moment (${code ?? `HTTP ${status}`})${detail === undefined ? '.' : `: ${detail}`} Try again.`,
    );
  }
  const said = detail ?? `HTTP ${status}`;
  if (status === 401) {
    const expired = expiryOf(bearer);
    const since = expired !== undefined && expired <= now ? ` It expired at ${expired.toISOString()}.` : '';
    return usageError(
      `The service refused the bearer token: ${said}${since} Get a new one into ENTITLEMENT_BEARER_TOKEN, ` +
        'ENTITLEMENT_BEARER_TOKEN_FILE or the file of --token-file.',
    );
  }
  if (status === 403) return usageError(`${said} Ask the issuer for a token with that scope.`);
  if (status === 404 || status === 405 || code === undefined) {
    return usageError(
      `${url} is no admin API of this service (HTTP ${status}). --url names its management port, 3001 in production, ` +
        'such as http://127.0.0.1:3001.',
    );
  }
  return new CommandError(EXIT.usage, `The service refused the request (${code}): ${said}`);
}

function problemOf(text: string): Problem {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return {};
    const { code, detail } = value as { code?: unknown; detail?: unknown };
    return {
      ...(typeof code === 'string' ? { code } : {}),
      ...(typeof detail === 'string' ? { detail } : {}),
    };
  } catch {
    return {};
  }
}

/** The `exp` of a JWT, unverified: for a message alone. */
function expiryOf(token: string): Date | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp?: unknown };
    return typeof claims.exp === 'number' ? new Date(claims.exp * 1000) : undefined;
  } catch {
    return undefined;
  }
}
