// Every event error code that ExpressPlay documents for its token services, by number.

/** A token service of ExpressPlay, the value of `services` in the table below. */
export type TokenService = 'playready' | 'fairplay' | 'widevine';

/** What is documented about one event error code. */
export interface EventCodeDescription {
  /** This project's stable name of the code, for logs and metrics. */
  readonly name: string;
  /** The published meaning. */
  readonly meaning: string;
  /** The services that document the code. */
  readonly services: readonly TokenService[];
}

const ALL = ['playready', 'fairplay', 'widevine'] as const;

const PLAYREADY_AND_FAIRPLAY = ['playready', 'fairplay'] as const;

const FAIRPLAY_AND_WIDEVINE = ['fairplay', 'widevine'] as const;

const PLAYREADY = ['playready'] as const;

const FAIRPLAY = ['fairplay'] as const;

const WIDEVINE = ['widevine'] as const;

/** The published table "Event error codes": code -> name, meaning, services. */
export const EVENT_CODES = {
  [-2002]: { name: 'invalid-expiration-time', meaning: 'invalid token expiration time: details', services: ALL },
  [-2003]: { name: 'invalid-ip-address', meaning: 'invalid IP address', services: ALL },
  [-2005]: { name: 'invalid-content-key', meaning: 'invalid content encryption key: details', services: ALL },
  [-2008]: {
    name: 'invalid-output-control-flags',
    meaning: 'invalid output control flags specified: details',
    services: ALL,
  },
  [-2017]: { name: 'missing-authenticator', meaning: 'authentication token must be supplied', services: ALL },
  [-2018]: {
    name: 'invalid-authenticator',
    meaning: "authentication token invalid: details (also: the other environment's authenticator)",
    services: ALL,
  },
  [-2019]: { name: 'insufficient-tokens', meaning: 'insufficient tokens available', services: ALL },
  [-2020]: { name: 'missing-rights-type', meaning: 'missing rights type', services: PLAYREADY_AND_FAIRPLAY },
  [-2021]: { name: 'invalid-rights-type', meaning: 'invalid rights type', services: PLAYREADY_AND_FAIRPLAY },
  [-2022]: { name: 'missing-rental-period-end-time', meaning: 'missing rental period end time', services: ALL },
  [-2023]: { name: 'missing-rental-play-duration', meaning: 'missing rental play duration', services: ALL },
  [-2025]: { name: 'invalid-rental-play-duration', meaning: 'invalid rental play duration', services: ALL },
  [-2027]: {
    name: 'content-key-length',
    meaning: 'content encryption key must be 32 hexadecimal digits long',
    services: ALL,
  },
  [-2030]: { name: 'admin-error', meaning: 'ExpressPlay admin error: details', services: ALL },
  [-2031]: { name: 'account-disabled', meaning: 'service account disabled', services: ALL },
  [-2033]: { name: 'invalid-cookie', meaning: 'invalid cookie', services: ALL },
  [-2034]: {
    name: 'output-control-out-of-range',
    meaning: 'invalid output control, values out of specified range',
    services: ALL,
  },
  [-2035]: { name: 'missing-corresponding-value', meaning: 'no corresponding value specified', services: ALL },
  [-2036]: { name: 'extension-type-length', meaning: 'extension type should be 4 characters', services: ALL },
  [-2037]: {
    name: 'extension-payload-not-base64',
    meaning: 'extension payload should be Base64 encoded',
    services: ALL,
  },
  [-2040]: { name: 'output-control-flags-length', meaning: 'outputControlFlags must encode 4 bytes', services: ALL },
  [-3004]: { name: 'invalid-error-format', meaning: 'invalid error format specified: format', services: ALL },
  [-4001]: { name: 'device-not-authenticated', meaning: 'device could not be authenticated', services: ALL },
  [-4010]: { name: 'invalid-token', meaning: 'invalid token', services: FAIRPLAY_AND_WIDEVINE },
  [-4018]: { name: 'missing-kid', meaning: 'missing kid', services: ALL },
  [-4019]: { name: 'key-storage-failed', meaning: 'failed to get content key from key storage service', services: ALL },
  [-4020]: { name: 'kid-length', meaning: 'kid must be 32 hexadecimal characters long', services: ALL },
  [-4021]: { name: 'kid-text-length', meaning: 'kid must be 64 characters long after the ^', services: ALL },
  [-4022]: { name: 'invalid-kid', meaning: 'invalid kid', services: ALL },
  [-4024]: { name: 'invalid-encrypted-key-or-kek', meaning: 'invalid encrypted key or kek', services: ALL },
  [-5001]: {
    name: 'invalid-unknown-output-behavior',
    meaning: 'invalid unknown output type error',
    services: PLAYREADY,
  },
  [-5002]: {
    name: 'playready-disabled',
    meaning: 'PlayReady option is disabled for this service',
    services: PLAYREADY,
  },
  [-5003]: { name: 'invalid-general-flags', meaning: 'invalid general flags', services: ALL },
  [-5004]: {
    name: 'device-id-length',
    meaning: 'device id must be 32 hexadecimal characters long',
    services: PLAYREADY,
  },
  [-5005]: { name: 'invalid-device-id', meaning: 'invalid device id', services: PLAYREADY },
  [-5006]: { name: 'missing-output-protection-level', meaning: 'missing OPL value', services: PLAYREADY },
  [-5007]: {
    name: 'kek-and-content-key',
    meaning: 'only one of kek or contentKey can be specified',
    services: PLAYREADY,
  },
  [-6001]: {
    name: 'invalid-fairplay-extension',
    meaning: 'invalid FPExtension parameters specified',
    services: FAIRPLAY,
  },
  [-6002]: { name: 'invalid-fairplay-token-type', meaning: 'invalid FP token type', services: FAIRPLAY },
  [-6003]: { name: 'invalid-iv', meaning: 'invalid iv parameter specified', services: FAIRPLAY },
  [-6004]: { name: 'fairplay-ckc-failed', meaning: 'failed to generate CKC for FP', services: FAIRPLAY },
  [-6005]: { name: 'invalid-key-data', meaning: 'invalid key data specified', services: FAIRPLAY_AND_WIDEVINE },
  [-6006]: {
    name: 'fairplay-not-authorized',
    meaning: 'service not authorized for FairPlay support',
    services: FAIRPLAY,
  },
  [-6007]: {
    name: 'invalid-rental-duration',
    meaning: 'invalid rental duration specified',
    services: FAIRPLAY_AND_WIDEVINE,
  },
  [-6008]: {
    name: 'fairplay-device-binding-not-supported',
    meaning: 'device id binding is not supported for FairPlay',
    services: FAIRPLAY,
  },
  [-6009]: { name: 'fairplay-disabled', meaning: 'FairPlay option disabled', services: FAIRPLAY },
  [-7002]: {
    name: 'widevine-device-binding-not-supported',
    meaning: 'device id binding is not supported for Widevine',
    services: WIDEVINE,
  },
  [-7003]: { name: 'missing-security-level', meaning: 'missing security level value', services: WIDEVINE },
  [-7004]: { name: 'invalid-security-level', meaning: 'invalid security level value', services: WIDEVINE },
  [-7006]: { name: 'missing-hdcp-output-control', meaning: 'missing HDCP output control value', services: WIDEVINE },
  [-7007]: { name: 'invalid-license-duration', meaning: 'invalid license duration specified', services: WIDEVINE },
  [-7008]: { name: 'widevine-license-failed', meaning: 'failed to generate Widevine license', services: WIDEVINE },
  [-7009]: {
    name: 'invalid-widevine-extension',
    meaning: 'invalid WVExtension parameters specified',
    services: WIDEVINE,
  },
  [-7011]: { name: 'widevine-disabled', meaning: 'Widevine option disabled', services: WIDEVINE },
} as const satisfies Record<number, EventCodeDescription>;

/** A code of the table. Numbers outside it can still arrive: see `describeEventCode`. */
export type EventCode = keyof typeof EVENT_CODES;

/** The stable name of a documented code. */
export type EventCodeName = (typeof EVENT_CODES)[EventCode]['name'];

/** Whether a number is a documented code. */
export function isEventCode(code: number): code is EventCode {
  return Object.hasOwn(EVENT_CODES, code);
}

/** The table's row for a code, or undefined when it is not documented. */
export function describeEventCode(code: number): EventCodeDescription | undefined {
  return isEventCode(code) ? EVENT_CODES[code] : undefined;
}

/** The documented codes of one service, in the table's order. */
export function eventCodesOf(service: TokenService): EventCode[] {
  return Object.keys(EVENT_CODES)
    .map(Number)
    .filter(isEventCode)
    .filter((code) => describeEventCode(code)?.services.includes(service));
}
