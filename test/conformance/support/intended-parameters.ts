// What a typed request means in the reference's parameters: written apart from the client, to check it against.
import type { FairPlayTokenRequest, PlayReadyTokenRequest, TokenRequest, WidevineTokenRequest } from '@app/expressplay';
import type { Value } from './parameters.js';

/** What the emulator shows in the place of a secret. */
export const REDACTED = '[redacted]';

/** The parameters, as the emulator is to show what it decoded; those that are not sent are undefined. */
export function intendedParameters(request: TokenRequest): Record<string, Value> {
  const { key, cookie, additionalParameters = [] } = request;
  const documented: Record<string, Value> = {
    customerAuthenticator: REDACTED,
    errorFormat: 'json',
    contentKey: key.kind === 'clear' ? REDACTED : undefined,
    kek: key.kind === 'clear' ? undefined : REDACTED,
    ek: key.kind === 'wrapped' ? REDACTED : undefined,
    ...licenseParameters(request),
    expirationTime: wholeSeconds(request.expiresAt),
    cookie,
  };
  return Object.fromEntries([
    ...Object.entries(documented),
    ...additionalParameters.map(({ name, value }) => [name, value] as const),
  ]);
}

function licenseParameters(request: TokenRequest): Record<string, Value> {
  switch (request.drm) {
    case 'playready':
      return playReady(request);
    case 'fairplay':
      return fairPlay(request);
    case 'widevine':
      return widevine(request);
  }
}

function playReady(request: PlayReadyTokenRequest): Record<string, Value> {
  const { kid, rights, opl, extension } = request;
  const rental = rights.type === 'rental';
  return {
    rightsType: rental ? 'Rental' : 'BuyToOwn',
    'rental.periodEndTime': rental ? wholeSeconds(rights.periodEndTime) : undefined,
    'rental.playDuration': rental ? rights.playDurationSeconds?.toString() : undefined,
    generalFlags: rental || rights.persistent ? '00000001' : undefined,
    kid,
    analogVideoOPL: String(opl.analogVideo),
    compressedDigitalAudioOPL: String(opl.compressedDigitalAudio),
    compressedDigitalVideoOPL: String(opl.compressedDigitalVideo),
    uncompressedDigitalAudioOPL: String(opl.uncompressedDigitalAudio),
    uncompressedDigitalVideoOPL: String(opl.uncompressedDigitalVideo),
    unknownOutputBehavior: request.unknownOutputBehavior,
    outputControlFlags: request.outputControlFlags,
    extensionType: extension?.type,
    extensionPayload: extension?.payload,
  };
}

function fairPlay(request: FairPlayTokenRequest): Record<string, Value> {
  return {
    iv: request.iv,
    // With a `kek` exactly one of `kid` and `ek`; with a clear key the KID says nothing.
    kid: request.key.kind === 'key-storage' ? request.kid : undefined,
    rentalDuration: request.rentalDurationSeconds?.toString(),
    fpExtension: repeated(request.extensions),
  };
}

function widevine(request: WidevineTokenRequest): Record<string, Value> {
  return {
    kid: request.kid,
    securityLevel: String(request.securityLevel),
    hdcpOutputControl: String(request.hdcpOutputControl),
    licenseDuration: request.licenseDurationSeconds?.toString(),
    contentId: request.contentId,
    wvExtension: repeated(request.extensions),
  };
}

/** RFC 3339 without a fraction, rounded down. */
function wholeSeconds(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, 'Z');
}

function repeated(extensions: readonly { type: string; payload: string }[] = []): Value {
  const values = extensions.map(({ type, payload }) => `${type},${payload}`);
  return values.length > 1 ? values : values[0];
}

/** Parameters in a form that can be compared: sorted, without what is left out, hex digits in lower case. */
export function comparable(parameters: Readonly<Record<string, Value>>): (readonly [string, Value])[] {
  return Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, HEX_PARAMETERS.includes(name) ? lowerCaseHex(value) : value] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** Parameters whose digits mean the same in either case. */
const HEX_PARAMETERS = ['kid', 'iv', 'outputControlFlags'];

function lowerCaseHex(value: Value): Value {
  return typeof value === 'string' && !value.startsWith('^') ? value.toLowerCase() : value;
}
