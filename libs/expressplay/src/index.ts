export {
  ExpressPlayError,
  InvalidTokenRequestError,
  RefusedError,
  TransportError,
  UnreadableAnswerError,
  type ExpressPlayErrorKind,
  type TransportFailureReason,
  type UnreadableReason,
} from './errors.js';
export {
  EVENT_CODES,
  describeEventCode,
  eventCodesOf,
  isEventCode,
  type EventCode,
  type EventCodeDescription,
  type EventCodeName,
  type TokenService,
} from './event-codes.js';
export { ExpressPlayClient, type ExpressPlayClientOptions } from './expressplay.client.js';
export type { ExpressPlayEnvironment, ExpressPlayProdDomain } from './hosts.js';
export { PARAMETERS, type ParameterName } from './parameters.js';
export type {
  ContentKeySource,
  Drm,
  FairPlayTokenRequest,
  IssuedToken,
  LicenseExtension,
  OutputProtectionLevels,
  PlayReadyRights,
  PlayReadyTokenRequest,
  TokenRequest,
} from './token-request.js';
