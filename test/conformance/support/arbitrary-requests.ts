// Arbitrary valid typed requests, for all three DRMs.
import fc from 'fast-check';
import {
  type ContentKeySource,
  type FairPlayTokenRequest,
  type LicenseExtension,
  type PlayReadyRights,
  type PlayReadyTokenRequest,
  type WidevineTokenRequest,
  wrapKey,
} from '@app/expressplay';
import { NOW } from './valid-requests.js';

const MOST_SECONDS = 2_147_483_647;

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });

/** Hex digits of a number of bytes, in any mixture of cases. */
const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: 2 * length, maxLength: 2 * length });

/** Any well-formed text; the character that decoders put in the place of broken bytes left out. */
export const text = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'binary', minLength, maxLength }).filter((value) => !value.includes('\uFFFD'));

const seconds = fc.oneof(fc.integer({ min: 1, max: 86_400 }), fc.integer({ min: 1, max: MOST_SECONDS }));
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const kid = fc.oneof(
  hex(16),
  text(1, 64).map((value) => `^${value}`),
);

const kek = fc.constantFrom(16, 24, 32).chain(bytes);

/** A key in one of the three ways; for key storage with the wrapped key that has to be stored first. */
export type ArbitraryKey = ContentKeySource & { stored?: Uint8Array };

const key: fc.Arbitrary<ArbitraryKey> = fc.oneof(
  bytes(16).map((contentKey): ArbitraryKey => ({ kind: 'clear', contentKey })),
  fc
    .tuple(kek, bytes(16))
    .map(([by, content]): ArbitraryKey => ({ kind: 'wrapped', kek: by, ek: wrapKey(by, content) })),
  fc
    .tuple(kek, bytes(16))
    .map(([by, content]): ArbitraryKey => ({ kind: 'key-storage', kek: by, stored: wrapKey(by, content) })),
);

const extension: fc.Arbitrary<LicenseExtension> = fc.record({
  type: fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCXYZ'), minLength: 4, maxLength: 4 }),
  payload: fc.uint8Array({ minLength: 1, maxLength: 48 }).map((payload) => Buffer.from(payload).toString('base64')),
});
const extensions = fc.array(extension, { maxLength: 4 });

/** Names that no service documents: parameters seen elsewhere, words, and any text. */
export const undocumentedName = fc.oneof(
  fc.constantFrom(
    'minCertSecurityLevel',
    'algId',
    'kid.0',
    'trackType.0',
    'Cookie',
    'constructor',
    '__proto__',
    'toString',
  ),
  // A number or a sign in front keeps it apart from every documented name, whatever its case.
  fc.tuple(fc.constantFrom('x-', '0', '&', '=', '+', ' ', 'é'), text(0, 20)).map(([sign, rest]) => sign + rest),
);

const additionalParameters = fc.uniqueArray(fc.record({ name: undocumentedName, value: text(0, 40) }), {
  selector: ({ name }) => name,
  maxLength: 4,
});

const token = {
  key,
  expiresAt: fc
    .integer({ min: 1000, max: 2_592_000_000 })
    .map((milliseconds) => new Date(NOW.getTime() + milliseconds)),
  cookie: optional(text(1, 32)),
  additionalParameters: optional(additionalParameters),
};

const opl = fc.integer({ min: 0, max: 999 });

const rights: fc.Arbitrary<PlayReadyRights> = fc.oneof(
  fc.boolean().map((persistent): PlayReadyRights => ({ type: 'buy-to-own', persistent })),
  fc
    .tuple(fc.integer({ min: 1_000, max: 400 * 86_400_000 }), optional(seconds))
    .map(([milliseconds, playDurationSeconds]): PlayReadyRights => ({
      type: 'rental',
      periodEndTime: new Date(NOW.getTime() + milliseconds),
      ...(playDurationSeconds !== undefined && { playDurationSeconds }),
    })),
);

/** A valid request together with the wrapped key that it expects in storage, if it does. */
export type Arranged<T> = T & { key: ArbitraryKey };

export const playReadyRequests: fc.Arbitrary<Arranged<PlayReadyTokenRequest>> = fc.record({
  drm: fc.constant('playready' as const),
  kid,
  rights,
  opl: fc.record({
    analogVideo: opl,
    compressedDigitalAudio: opl,
    compressedDigitalVideo: opl,
    uncompressedDigitalAudio: opl,
    uncompressedDigitalVideo: opl,
  }),
  unknownOutputBehavior: optional(fc.constantFrom('Allow' as const, 'Disallow' as const, 'SDOnly' as const)),
  outputControlFlags: optional(hex(4)),
  extension: optional(extension),
  ...token,
});

export const fairPlayRequests: fc.Arbitrary<Arranged<FairPlayTokenRequest>> = fc.record({
  drm: fc.constant('fairplay' as const),
  iv: hex(16),
  kid,
  rentalDurationSeconds: optional(seconds),
  extensions: optional(extensions),
  ...token,
});

export const widevineRequests: fc.Arbitrary<Arranged<WidevineTokenRequest>> = fc.record({
  drm: fc.constant('widevine' as const),
  kid,
  securityLevel: fc.constantFrom(1, 2, 3, 4, 5),
  hdcpOutputControl: fc.constantFrom(0, 1, 2),
  licenseDurationSeconds: optional(seconds),
  contentId: optional(text(1, 40)),
  extensions: optional(extensions),
  ...token,
});
