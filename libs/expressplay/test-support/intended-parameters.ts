// What a typed request is meant to say in the words of the published tables: written without a look at the client's code, to check it
// against. The conformance suite uses the same.
import type {
  ContentKeySource,
  LicenseExtension,
  PlayReadyTokenRequest,
  TokenRequest,
  WidevineTokenRequest,
} from '../src/index.js';

type Parameter = [name: string, value: string | undefined];

const hex = (data: Uint8Array): string => Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('');
const digits = (value: number | undefined): string | undefined => value?.toString();
const kidText = (value: string): string => (value.startsWith('^') ? value : value.toLowerCase());
const rfc3339 = (moment: Date): string =>
  new Date(Math.floor(moment.getTime() / 1000) * 1000).toISOString().replace('.000Z', 'Z');
const repeated = (name: string, extensions: readonly LicenseExtension[] = []): Parameter[] =>
  extensions.map(({ type, payload }) => [name, `${type},${payload}`]);

/** The parameters of a valid request, sorted by name; the ones of one name in the order of the request. */
export function intendedParameters(request: TokenRequest, authenticator: string, useHttps: boolean): string[][] {
  const parameters: Parameter[] = [
    ['customerAuthenticator', authenticator],
    ['errorFormat', 'json'],
    ['useHttps', useHttps ? 'true' : undefined],
    ['expirationTime', rfc3339(request.expiresAt)],
    ['cookie', request.cookie],
    ...keysParameters(request),
    ...licenseParameters(request),
    ...(request.additionalParameters ?? []).map(({ name, value }): Parameter => [name, value]),
  ];
  return byName(parameters.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Sorts parameters by name; a stable order for comparing. */
export function byName(parameters: readonly string[][]): string[][] {
  return [...parameters].sort(([a = ''], [b = '']) => (a < b ? -1 : Number(a > b)));
}

function keysParameters(request: TokenRequest): Parameter[] {
  if (request.drm === 'fairplay') return keyParameters(request.key);
  const keys = [request, ...(request.otherKeys ?? [])].map((one): Parameter[] => [
    ['kid', kidText(one.kid)],
    ...keyParameters(one.key),
    [
      'minCertSecurityLevel',
      'opl' in request ? digits((one as PlayReadyTokenRequest).minCertSecurityLevel) : undefined,
    ],
    ...(request.drm === 'widevine' ? trackParameters(one as WidevineTokenRequest) : []),
  ]);
  const numbered = keys.map((parameters, number) =>
    parameters.map(([name, value]): Parameter => [`${name}.${number}`, value]),
  );
  return keys.length === 1 ? keys.flat() : numbered.flat();
}

function trackParameters({ securityLevel, hdcpOutputControl, trackType }: WidevineTokenRequest): Parameter[] {
  return [
    ['securityLevel', digits(securityLevel)],
    ['hdcpOutputControl', digits(hdcpOutputControl)],
    ['trackType', digits(trackType)],
  ];
}

function keyParameters(key: ContentKeySource): Parameter[] {
  return [
    ['contentKey', key.kind === 'clear' ? hex(key.contentKey) : undefined],
    ['kek', key.kind === 'clear' ? undefined : hex(key.kek)],
    ['ek', key.kind === 'wrapped' ? hex(key.ek) : undefined],
  ];
}

function licenseParameters(request: TokenRequest): Parameter[] {
  switch (request.drm) {
    case 'playready': {
      const { rights, opl, extension } = request;
      const rental = rights.type === 'rental';
      return [
        ['algId', request.algId],
        ['rightsType', rental ? 'Rental' : 'BuyToOwn'],
        ['rental.periodEndTime', rental ? rfc3339(rights.periodEndTime) : undefined],
        ['rental.playDuration', rental ? digits(rights.playDurationSeconds) : undefined],
        ['generalFlags', rental || rights.persistent ? '00000001' : undefined],
        ['analogVideoOPL', digits(opl.analogVideo)],
        ['compressedDigitalAudioOPL', digits(opl.compressedDigitalAudio)],
        ['compressedDigitalVideoOPL', digits(opl.compressedDigitalVideo)],
        ['uncompressedDigitalAudioOPL', digits(opl.uncompressedDigitalAudio)],
        ['uncompressedDigitalVideoOPL', digits(opl.uncompressedDigitalVideo)],
        ['unknownOutputBehavior', request.unknownOutputBehavior],
        ['outputControlFlags', request.outputControlFlags?.toLowerCase()],
        ['extensionType', extension?.type],
        ['extensionPayload', extension?.payload],
      ];
    }
    case 'fairplay':
      return [
        ['iv', request.iv.toLowerCase()],
        ['kid', request.key.kind === 'key-storage' ? kidText(request.kid ?? '') : undefined],
        ['rentalDuration', digits(request.rentalDurationSeconds)],
        ...repeated('fpExtension', request.extensions),
      ];
    case 'widevine':
      return [
        ['generalFlags', request.persistent === undefined ? undefined : request.persistent ? '00000001' : '00000000'],
        ['licenseDuration', digits(request.licenseDurationSeconds)],
        ['playbackDuration', digits(request.playbackDurationSeconds)],
        ['contentId', request.contentId],
        ...repeated('wvExtension', request.extensions),
      ];
  }
}
