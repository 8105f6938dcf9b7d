export type {
  AuthenticatorFallback,
  AuthenticatorPair,
  AuthenticatorRole,
  AuthenticatorSource,
  FallbackListener,
} from './authenticator-choice.js';
export { CustomerAuthenticator } from './customer-authenticator.js';
export {
  ExpressPlayError,
  InvalidTokenRequestError,
  RefusedError,
  TransportError,
  UnreadableAnswerError,
  type ExpressPlayErrorKind,
  type ParameterFault,
  type TransportFailureReason,
  type UnreadableReason,
} from './errors.js';
export { classifyEvent, classifyRefusal, EVENT_CLASSES } from './event-classes.js';
export type { EventClass, EventClassification, EventProblem } from './event-classification.js';
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
export type { Exchange, ExchangeWrapper } from './exchange.js';
export {
  ExpressPlayClient,
  type AnswerListener,
  type ExpressPlayAnswer,
  type ExpressPlayClientOptions,
} from './expressplay.client.js';
export {
  tokenServiceUrl,
  type ExpressPlayEnvironment,
  type ExpressPlayProdDomain,
  type TokenServiceLocation,
} from './hosts.js';
export { KeyIntegrityError, unwrapKey, wrapKey } from './key-wrapping.js';
export type { PoolLoad } from './pool-adapter.js';
export { PARAMETERS, UNLISTED_PARAMETERS, type ParameterName } from './parameters.js';
export type {
  AdditionalParameter,
  ContentKeySource,
  Drm,
  FairPlayTokenRequest,
  IssuedToken,
  LicenseExtension,
  OutputProtectionLevels,
  PlayReadyRights,
  PlayReadyTokenRequest,
  TokenRequest,
  WidevineTokenRequest,
} from './token-request.js';
