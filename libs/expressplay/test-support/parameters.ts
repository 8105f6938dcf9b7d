// What comes of a request before it is sent: whether it is refused, and its parameters.
import { expect } from 'vitest';
import { InvalidTokenRequestError, type TokenRequest } from '../src/index.js';
import { checkTokenRequest, tokenParameters } from '../src/request.js';
import { AUTHENTICATOR, EK, IV, KEK, KID, NOW, toHex } from './requests.js';

/** "parameter", then code or fault of the refusal; or "valid". */
export function outcomeOf(request: TokenRequest): string {
  try {
    checkTokenRequest(request, NOW);
    return 'valid';
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidTokenRequestError);
    const { parameter, code, fault } = error as InvalidTokenRequestError;
    return `${parameter} ${code ?? fault}`;
  }
}

/** The parameters of a request, keys in hex. */
export const parametersOf = (request: TokenRequest): (readonly string[])[] =>
  tokenParameters(request, { customerAuthenticator: AUTHENTICATOR, useHttps: false }).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : toHex(value),
  ]);

/** How parts of the requests in `requests.ts` are written. */
export const WRITTEN = {
  token: [
    ['customerAuthenticator', AUTHENTICATOR],
    ['errorFormat', 'json'],
  ],
  wrapped: [
    ['kek', toHex(KEK)],
    ['ek', toHex(EK)],
  ],
  kid: ['kid', KID.toLowerCase()],
  iv: ['iv', IV.toLowerCase()],
  expiry: ['expirationTime', '2026-12-01T09:01:00Z'],
};
