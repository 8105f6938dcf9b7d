// The names of the token request's parameters, exactly as they go on the wire (they are case-sensitive).

/** Every documented parameter of the three token services, and `deviceId`, whose codes are documented. */
export const PARAMETERS = {
  customerAuthenticator: 'customerAuthenticator',
  errorFormat: 'errorFormat',

  rightsType: 'rightsType',
  rentalPeriodEndTime: 'rental.periodEndTime',
  rentalPlayDuration: 'rental.playDuration',
  generalFlags: 'generalFlags',

  kid: 'kid',
  contentKey: 'contentKey',
  kek: 'kek',
  ek: 'ek',
  iv: 'iv',

  analogVideoOpl: 'analogVideoOPL',
  compressedDigitalAudioOpl: 'compressedDigitalAudioOPL',
  compressedDigitalVideoOpl: 'compressedDigitalVideoOPL',
  uncompressedDigitalAudioOpl: 'uncompressedDigitalAudioOPL',
  uncompressedDigitalVideoOpl: 'uncompressedDigitalVideoOPL',
  unknownOutputBehavior: 'unknownOutputBehavior',
  outputControlFlags: 'outputControlFlags',
  extensionType: 'extensionType',
  extensionPayload: 'extensionPayload',

  rentalDuration: 'rentalDuration',
  fpExtension: 'fpExtension',

  securityLevel: 'securityLevel',
  hdcpOutputControl: 'hdcpOutputControl',
  licenseDuration: 'licenseDuration',
  contentId: 'contentId',
  wvExtension: 'wvExtension',

  expirationTime: 'expirationTime',
  cookie: 'cookie',
  deviceId: 'deviceId',
} as const;

/** What the published tables do not list and this client knows of its own accord. */
export const UNLISTED_PARAMETERS = {
  /** `true` makes the licence URL come back with the `https` scheme. */
  useHttps: 'useHttps',
} as const;

/** A documented parameter's name on the wire. */
export type ParameterName = (typeof PARAMETERS)[keyof typeof PARAMETERS];
