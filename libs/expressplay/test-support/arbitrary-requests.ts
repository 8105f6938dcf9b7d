// Arbitrary token requests for property tests: valid ones, and ones of the right types with anything in them.
import fc from 'fast-check';
import {
  PARAMETERS,
  UNLISTED_PARAMETERS,
  type AdditionalParameter,
  type ContentKeySource,
  type FairPlayTokenRequest,
  type LicenseExtension,
  type PlayReadyTokenRequest,
  type TokenRequest,
  type WidevineTokenRequest,
} from '../src/index.js';

/** The moment that valid rentals end after. */
export const NOW = new Date('2026-11-21T10:00:00.250Z');

const TAKEN = new Set<string>([...Object.values(PARAMETERS), ...Object.values(UNLISTED_PARAMETERS)]);

/** An optional field is absent, not `undefined`: types and code treat them alike, and so does this. */
function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const hexDigits = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: length, maxLength: length });
const text = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'binary', minLength, maxLength });
const base64 = fc.uint8Array({ minLength: 1 }).map((data) => Buffer.from(data).toString('base64'));
const seconds = fc.integer({ min: 1, max: 0xffff_ffff });

const validKid = fc.oneof(
  hexDigits(32),
  text(1, 64).map((rest) => `^${rest}`),
);
const validKek = fc.constantFrom(16, 24, 32).chain(bytes);
const validKey: fc.Arbitrary<ContentKeySource> = fc.oneof(
  fc.record({ kind: fc.constant('wrapped' as const), kek: validKek, ek: bytes(24) }),
  fc.record({ kind: fc.constant('key-storage' as const), kek: validKek }),
  fc.record({ kind: fc.constant('clear' as const), contentKey: bytes(16) }),
);
const validExtension: fc.Arbitrary<LicenseExtension> = fc.record({
  type: fc.string({ unit: fc.constantFrom(...'abcXYZ019'), minLength: 4, maxLength: 4 }),
  payload: base64,
});
const validAdditional: fc.Arbitrary<AdditionalParameter[]> = fc.uniqueArray(
  fc.record({ name: text(1, 40).filter((name) => !TAKEN.has(name)), value: text(0, 80) }),
  { selector: ({ name }) => name, maxLength: 4 },
);
const validCommon = {
  key: validKey,
  expiresAt: fc.date({
    min: new Date(NOW.getTime() + 1000),
    max: new Date(NOW.getTime() + 2_592_000_000),
    noInvalidDate: true,
  }),
  cookie: optional(text(0, 32)),
  additionalParameters: optional(validAdditional),
};
const level = fc.integer({ min: 0, max: 999 });
const oplOf = (value: fc.Arbitrary<number>): fc.Arbitrary<PlayReadyTokenRequest['opl']> =>
  fc.record({
    analogVideo: value,
    compressedDigitalAudio: value,
    compressedDigitalVideo: value,
    uncompressedDigitalAudio: value,
    uncompressedDigitalVideo: value,
  });

const validPlayReady: fc.Arbitrary<PlayReadyTokenRequest> = fc.record({
  ...validCommon,
  drm: fc.constant('playready' as const),
  kid: validKid,
  rights: fc.oneof(
    fc.record({ type: fc.constant('buy-to-own' as const), persistent: fc.boolean() }),
    fc.record({
      type: fc.constant('rental' as const),
      periodEndTime: fc.date({
        min: new Date(NOW.getTime() + 1000),
        max: new Date('9999-12-31T23:59:59.999Z'),
        noInvalidDate: true,
      }),
      playDurationSeconds: optional(seconds),
    }),
  ),
  opl: oplOf(level),
  unknownOutputBehavior: optional(fc.constantFrom('Allow', 'Disallow', 'SDOnly')),
  outputControlFlags: optional(hexDigits(8)),
  extension: optional(validExtension),
});

const validFairPlay: fc.Arbitrary<FairPlayTokenRequest> = fc
  .record({
    ...validCommon,
    drm: fc.constant('fairplay' as const),
    iv: hexDigits(32),
    kid: optional(validKid),
    rentalDurationSeconds: optional(seconds),
    extensions: optional(fc.array(validExtension, { maxLength: 3 })),
  })
  .filter(({ key, kid }) => key.kind !== 'key-storage' || kid !== undefined);

const validWidevine: fc.Arbitrary<WidevineTokenRequest> = fc.record({
  ...validCommon,
  drm: fc.constant('widevine' as const),
  kid: validKid,
  securityLevel: fc.integer({ min: 1, max: 5 }),
  hdcpOutputControl: fc.integer({ min: 0, max: 2 }),
  licenseDurationSeconds: optional(seconds),
  contentId: optional(text(0, 40)),
  extensions: optional(fc.array(validExtension, { maxLength: 3 })),
});

/** Requests that nothing is wrong with. */
export const validRequests: fc.Arbitrary<TokenRequest> = fc.oneof(validPlayReady, validFairPlay, validWidevine);

/** Any 16-bit units: half surrogate pairs too. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 70 })
  .map((units) => String.fromCharCode(...units));
const anyNumber = fc.oneof(fc.double(), fc.integer({ min: -2, max: 1001 }));
const anyExtension = fc.record({ type: anyText, payload: anyText });

/** Values of the right type for each field, few of which are valid. */
const anyFields: Record<string, fc.Arbitrary<unknown>> = {
  kid: anyText,
  iv: anyText,
  key: fc.oneof(
    fc.record({ kind: fc.constant('wrapped' as const), kek: fc.uint8Array(), ek: fc.uint8Array() }),
    fc.record({ kind: fc.constant('clear' as const), contentKey: fc.uint8Array() }),
  ),
  rights: fc.record({ type: fc.constant('rental' as const), periodEndTime: fc.date(), playDurationSeconds: anyNumber }),
  opl: oplOf(anyNumber),
  outputControlFlags: anyText,
  extension: anyExtension,
  extensions: fc.array(anyExtension, { maxLength: 2 }),
  rentalDurationSeconds: anyNumber,
  licenseDurationSeconds: anyNumber,
  securityLevel: anyNumber,
  hdcpOutputControl: anyNumber,
  contentId: anyText,
  cookie: anyText,
  expiresAt: fc.oneof(fc.date(), fc.date({ min: new Date(NOW.getTime() - 2000), max: new Date(NOW.getTime() + 2000) })),
  additionalParameters: fc.array(fc.record({ name: anyText, value: anyText }), { maxLength: 3 }),
};

const anyField = fc.oneof(
  ...Object.entries(anyFields).map(([name, values]) =>
    values.map((value): Record<string, unknown> => ({ [name]: value })),
  ),
);

/** Valid requests in which two fields at most were replaced by anything of their type. Fields of other DRMs say nothing. */
export const anyRequests: fc.Arbitrary<TokenRequest> = fc
  .tuple(validRequests, fc.array(anyField, { maxLength: 2 }))
  .map(([request, changes]) => Object.assign({}, request, ...changes) as TokenRequest);
