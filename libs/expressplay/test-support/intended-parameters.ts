// What a token request is meant to say, in the words of the published tables and written without a look at the client's code.
import type { ContentKeySource, LicenseExtension, TokenRequest } from '../src/index.js';

type Parameter = [name: string, value: string | undefined];

const hex = (data: Uint8Array): string => Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('');
const number = (value: number | undefined): string | undefined => value?.toString();
const kid = (value: string): string => (value.startsWith('^') ? value : value.toLowerCase());
const wholeSeconds = (moment: Date): string =>
  new Date(Math.floor(moment.getTime() / 1000) * 1000).toISOString().replace('.000Z', 'Z');
const pairs = (extensions: readonly LicenseExtension[] = []): string[] =>
  extensions.map(({ type, payload }) => `${type},${payload}`);

/** The parameters of a valid request, sorted by name; the ones of one name in the order of the request. */
export function intendedParameters(request: TokenRequest, authenticator: string, useHttps: boolean): string[][] {
  const parameters: Parameter[] = [
    ['customerAuthenticator', authenticator],
    ['errorFormat', 'json'],
    ['useHttps', useHttps ? 'true' : undefined],
    ['expirationTime', wholeSeconds(request.expiresAt)],
    ['cookie', request.cookie],
    ...keyParameters(request.key),
    ...licenseParameters(request),
    ...(request.additionalParameters ?? []).map(({ name, value }): Parameter => [name, value]),
  ];
  return byName(parameters.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Sorts parameters by name; a stable order for comparing. */
export function byName(parameters: readonly string[][]): string[][] {
  return [...parameters].sort(([a = ''], [b = '']) => (a < b ? -1 : Number(a > b)));
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
        ['kid', kid(request.kid)],
        ['rightsType', rental ? 'Rental' : 'BuyToOwn'],
        ['rental.periodEndTime', rental ? wholeSeconds(rights.periodEndTime) : undefined],
        ['rental.playDuration', rental ? number(rights.playDurationSeconds) : undefined],
        ['generalFlags', rental || rights.persistent ? '00000001' : undefined],
        ['analogVideoOPL', number(opl.analogVideo)],
        ['compressedDigitalAudioOPL', number(opl.compressedDigitalAudio)],
        ['compressedDigitalVideoOPL', number(opl.compressedDigitalVideo)],
        ['uncompressedDigitalAudioOPL', number(opl.uncompressedDigitalAudio)],
        ['uncompressedDigitalVideoOPL', number(opl.uncompressedDigitalVideo)],
        ['unknownOutputBehavior', request.unknownOutputBehavior],
        ['outputControlFlags', request.outputControlFlags?.toLowerCase()],
        ['extensionType', extension?.type],
        ['extensionPayload', extension?.payload],
      ];
    }
    case 'fairplay':
      return [
        ['iv', request.iv.toLowerCase()],
        ['kid', request.key.kind === 'key-storage' ? kid(request.kid ?? '') : undefined],
        ['rentalDuration', number(request.rentalDurationSeconds)],
        ...pairs(request.extensions).map((value): Parameter => ['fpExtension', value]),
      ];
    case 'widevine':
      return [
        ['kid', kid(request.kid)],
        ['securityLevel', number(request.securityLevel)],
        ['hdcpOutputControl', number(request.hdcpOutputControl)],
        ['licenseDuration', number(request.licenseDurationSeconds)],
        ['contentId', request.contentId],
        ...pairs(request.extensions).map((value): Parameter => ['wvExtension', value]),
      ];
  }
}
