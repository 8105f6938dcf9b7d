// Every event error code that ExpressPlay documents for its token services, by number.

/** A token service of ExpressPlay, the value of `services` in the table below. */
export type TokenService = 'playready' | 'fairplay' | 'widevine';

/** What is documented about one event error code. */
interface EventCodeDescription<Name extends string = string> {
  /** This project's stable name of the code, for logs and metrics. */
  readonly name: Name;
  /** The published meaning. */
  readonly meaning: string;
  /** The services that document the code. */
  readonly services: readonly TokenService[];
}

/** Makes the rows of the codes that these services document. */
const documentedBy =
  (...services: TokenService[]) =>
  <Name extends string>(name: Name, meaning: string): EventCodeDescription<Name> => ({ name, meaning, services });

const all = documentedBy('playready', 'fairplay', 'widevine');
const playreadyAndFairplay = documentedBy('playready', 'fairplay');
const fairplayAndWidevine = documentedBy('fairplay', 'widevine');
const playready = documentedBy('playready');
const fairplay = documentedBy('fairplay');
const widevine = documentedBy('widevine');

/** The published table "Event error codes": code -> name, meaning, services. */
export const EVENT_CODES = {
  [-2002]: all('invalid-expiration-time', 'invalid token expiration time: details'),
  [-2003]: all('invalid-ip-address', 'invalid IP address'),
  [-2005]: all('invalid-content-key', 'invalid content encryption key: details'),
  [-2008]: all('invalid-output-control-flags', 'invalid output control flags specified: details'),
  [-2017]: all('missing-authenticator', 'authentication token must be supplied'),
  [-2018]: all(
    'invalid-authenticator',
    "authentication token invalid: details (also: the other environment's authenticator)",
  ),
  [-2019]: all('insufficient-tokens', 'insufficient tokens available'),
  [-2020]: playreadyAndFairplay('missing-rights-type', 'missing rights type'),
  [-2021]: playreadyAndFairplay('invalid-rights-type', 'invalid rights type'),
  [-2022]: all('missing-rental-period-end-time', 'missing rental period end time'),
  [-2023]: all('missing-rental-play-duration', 'missing rental play duration'),
  [-2025]: all('invalid-rental-play-duration', 'invalid rental play duration'),
  [-2027]: all('content-key-length', 'content encryption key must be 32 hexadecimal digits long'),
  [-2030]: all('admin-error', 'ExpressPlay admin error: details'),
  [-2031]: all('account-disabled', 'service account disabled'),
  [-2033]: all('invalid-cookie', 'invalid cookie'),
  [-2034]: all('output-control-out-of-range', 'invalid output control, values out of specified range'),
  [-2035]: all('missing-corresponding-value', 'no corresponding value specified'),
  [-2036]: all('extension-type-length', 'extension type should be 4 characters'),
  [-2037]: all('extension-payload-not-base64', 'extension payload should be Base64 encoded'),
  [-2040]: all('output-control-flags-length', 'outputControlFlags must encode 4 bytes'),
  [-3004]: all('invalid-error-format', 'invalid error format specified: format'),
  [-4001]: all('device-not-authenticated', 'device could not be authenticated'),
  [-4010]: fairplayAndWidevine('invalid-token', 'invalid token'),
  [-4018]: all('missing-kid', 'missing kid'),
  [-4019]: all('key-storage-failed', 'failed to get content key from key storage service'),
  [-4020]: all('kid-length', 'kid must be 32 hexadecimal characters long'),
  [-4021]: all('kid-text-length', 'kid must be 64 characters long after the ^'),
  [-4022]: all('invalid-kid', 'invalid kid'),
  [-4024]: all('invalid-encrypted-key-or-kek', 'invalid encrypted key or kek'),
  [-5001]: playready('invalid-unknown-output-behavior', 'invalid unknown output type error'),
  [-5002]: playready('playready-disabled', 'PlayReady option is disabled for this service'),
  [-5003]: all('invalid-general-flags', 'invalid general flags'),
  [-5004]: playready('device-id-length', 'device id must be 32 hexadecimal characters long'),
  [-5005]: playready('invalid-device-id', 'invalid device id'),
  [-5006]: playready('missing-output-protection-level', 'missing OPL value'),
  [-5007]: playready('kek-and-content-key', 'only one of kek or contentKey can be specified'),
  [-6001]: fairplay('invalid-fairplay-extension', 'invalid FPExtension parameters specified'),
  [-6002]: fairplay('invalid-fairplay-token-type', 'invalid FP token type'),
  [-6003]: fairplay('invalid-iv', 'invalid iv parameter specified'),
  [-6004]: fairplay('fairplay-ckc-failed', 'failed to generate CKC for FP'),
  [-6005]: fairplayAndWidevine('invalid-key-data', 'invalid key data specified'),
  [-6006]: fairplay('fairplay-not-authorized', 'service not authorized for FairPlay support'),
  [-6007]: fairplayAndWidevine('invalid-rental-duration', 'invalid rental duration specified'),
  [-6008]: fairplay('fairplay-device-binding-not-supported', 'device id binding is not supported for FairPlay'),
  [-6009]: fairplay('fairplay-disabled', 'FairPlay option disabled'),
  [-7002]: widevine('widevine-device-binding-not-supported', 'device id binding is not supported for Widevine'),
  [-7003]: widevine('missing-security-level', 'missing security level value'),
  [-7004]: widevine('invalid-security-level', 'invalid security level value'),
  [-7006]: widevine('missing-hdcp-output-control', 'missing HDCP output control value'),
  [-7007]: widevine('invalid-license-duration', 'invalid license duration specified'),
  [-7008]: widevine('widevine-license-failed', 'failed to generate Widevine license'),
  [-7009]: widevine('invalid-widevine-extension', 'invalid WVExtension parameters specified'),
  [-7011]: widevine('widevine-disabled', 'Widevine option disabled'),
} satisfies Record<number, EventCodeDescription>;

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
    .filter((code) => EVENT_CODES[code].services.includes(service));
}
