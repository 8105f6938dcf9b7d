export type { AccountApiOptions } from './account-api.js';
export type { IssuedToken } from './answer.js';
export {
  CustomerAuthenticator,
  type AuthenticatorFallback,
  type AuthenticatorPair,
  type AuthenticatorRole,
  type AuthenticatorSource,
  type FallbackListener,
} from './authenticators.js';
export { classifyEvent, classifyRefusal, EVENT_CLASSES, type EventClass, type EventClassification } from './classes.js';
export {
  ExpressPlayClient,
  type Exchange,
  type ExchangeWrapper,
  type ExpressPlayAnswer,
  type ExpressPlayClientOptions,
} from './client.js';
export {
  describeEventCode,
  EVENT_CODES,
  eventCodesOf,
  isEventCode,
  type EventCode,
  type EventCodeName,
  type TokenService,
} from './codes.js';
export {
  ExpressPlayError,
  InvalidTokenRequestError,
  QueueTimeoutError,
  RefusedError,
  TransportError,
  UnreadableAnswerError,
  type ParameterFault,
  type TransportFailureReason,
  type UnreadableReason,
} from './errors.js';
export type { FairPlayTokenRequest } from './fairplay.js';
export { tokenServiceUrl, type ExpressPlayEnvironment, type TokenServiceLocation } from './hosts.js';
export { KeyStorageClient, type KeyToStore, type StoredContentKey } from './key-storage.js';
export { KeyIntegrityError, unwrapKey, wrapKey } from './key-wrapping.js';
export type { ContentKeySource } from './keys.js';
export {
  PARAMETERS,
  UNLISTED_PARAMETERS,
  type AdditionalParameter,
  type LicenseExtension,
  type ParameterName,
} from './parameters.js';
export type { OutputProtectionLevels, PlayReadyRights, PlayReadyTokenRequest } from './playready.js';
export { LONGEST_PAGE, RecordsClient, type RedemptionRecord } from './records.js';
export type { Drm, TokenRequest } from './request.js';
export type { PoolLoad } from './transport.js';
export type { WidevineTokenRequest } from './widevine.js';
