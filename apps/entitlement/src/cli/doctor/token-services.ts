// ExpressPlay's token services as a check asks them: in ways that cannot cost a token.
import {
  ExpressPlayClient,
  PARAMETERS,
  RefusedError,
  TransportError,
  tokenServiceUrl,
  UnreadableAnswerError,
  type CustomerAuthenticator,
  type TokenService,
} from '@app/expressplay';
import type { Environment } from '../../environment.js';
import { connectTimeoutMs, expressPlayLocation } from '../../environment/expressplay.js';

/** All of them. */
export const TOKEN_SERVICES = ['playready', 'fairplay', 'widevine'] as const satisfies readonly TokenService[];

/** What a service answered. */
export type Answer =
  | { kind: 'refused'; httpStatus: number; code: number | undefined }
  | { kind: 'token' }
  | { kind: 'unreadable'; message: string }
  | { kind: 'no-answer'; message: string; code: string | undefined };

/** The host and port of a service, for people. */
export function hostOf(service: TokenService, environment: Environment): string {
  return new URL(tokenServiceUrl(service, expressPlayLocation(environment))).host;
}

/**
 * Asks each service once for a token that it cannot sell: the request names no key and no rights, and, without an
 * authenticator, no account. What is refused is not charged for.
 */
export async function askAll(
  environment: Environment,
  timeoutMs: number,
  authenticator?: CustomerAuthenticator,
): Promise<Map<TokenService, Answer>> {
  const client = new ExpressPlayClient({
    ...expressPlayLocation(environment),
    // Not sent by itself with a raw request.
    customerAuthenticator: '0,00000000000000000000000000000000',
    useHttps: true,
    connectTimeoutMs: Math.min(timeoutMs, connectTimeoutMs(environment)),
    timeoutMs: Math.min(timeoutMs, environment.EXPRESSPLAY_TIMEOUT_MS),
    maxConnections: 1,
  });
  const key = authenticator?.keyFor(environment.EXPRESSPLAY_ENVIRONMENT);
  const parameters: [string, string][] = [
    ...(key === undefined ? [] : [[PARAMETERS.customerAuthenticator, key] satisfies [string, string]]),
    [PARAMETERS.errorFormat, 'json'],
  ];
  try {
    return new Map(
      await Promise.all(
        TOKEN_SERVICES.map(
          async (service) => [service, await answerOf(client.requestRaw(service, parameters))] as const,
        ),
      ),
    );
  } finally {
    await client.close();
  }
}

async function answerOf(call: Promise<unknown>): Promise<Answer> {
  try {
    await call;
    return { kind: 'token' };
  } catch (error) {
    if (error instanceof RefusedError) return { kind: 'refused', httpStatus: error.httpStatus, code: error.code };
    if (error instanceof UnreadableAnswerError) return { kind: 'unreadable', message: error.message };
    if (error instanceof TransportError) return { kind: 'no-answer', message: error.message, code: error.code };
    throw error;
  }
}
