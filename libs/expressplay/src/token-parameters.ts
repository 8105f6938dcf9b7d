// A token request as the whole list of parameters, and as the form that is posted.
import { fairPlayParameters } from './fairplay.parameters.js';
import type { WireParameter } from './key-parameters.js';
import { momentText } from './moments.js';
import { PARAMETERS, UNLISTED_PARAMETERS } from './parameters.js';
import { playReadyParameters } from './playready.parameters.js';
import type { TokenRequest } from './token-request.js';
import { widevineParameters } from './widevine.parameters.js';

/** What a client sends with every request. */
export interface ClientParameters {
  customerAuthenticator: string;
  useHttps: boolean;
}

/**
 * Every parameter of a valid request, in the order in which it is sent: the token's, the licence's, expiry and cookie, and after
 * these what the published tables do not list.
 */
export function tokenParameters(request: TokenRequest, client: ClientParameters): WireParameter[] {
  const parameters: WireParameter[] = [
    [PARAMETERS.customerAuthenticator, client.customerAuthenticator],
    [PARAMETERS.errorFormat, 'json'],
    ...licenseParameters(request),
    [PARAMETERS.expirationTime, momentText(request.expiresAt)],
  ];
  if (request.cookie !== undefined) {
    parameters.push([PARAMETERS.cookie, request.cookie]);
  }
  if (client.useHttps) {
    parameters.push([UNLISTED_PARAMETERS.useHttps, 'true']);
  }
  for (const { name, value } of request.additionalParameters ?? []) {
    parameters.push([name, value]);
  }
  return parameters;
}

function licenseParameters(request: TokenRequest): WireParameter[] {
  switch (request.drm) {
    case 'playready':
      return playReadyParameters(request);
    case 'fairplay':
      return fairPlayParameters(request);
    case 'widevine':
      return widevineParameters(request);
  }
}
