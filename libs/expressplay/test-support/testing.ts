// Arbitrary token requests for property tests.
import fc from 'fast-check';
import {
  wrapKey,
  type AdditionalParameter,
  type ContentKeySource,
  type FairPlayTokenRequest,
  type LicenseExtension,
  type PlayReadyTokenRequest,
  type TokenRequest,
  type WidevineTokenRequest,
} from '../src/index.js';

export { byName, intendedParameters } from './intended-parameters.js';

/** The moment that the requests are made at. */
export const NOW = new Date('2026-11-21T10:00:00.000Z');

/** A valid request; with key storage together with the wrapped key that has to be stored first. */
export type ArrangedRequest = TokenRequest & { readonly stored?: Uint8Array | undefined };

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const hexDigits = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: length, maxLength: length });

/** Any well-formed text; the character that decoders put in the place of broken bytes left out. */
export const text = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'binary', minLength, maxLength }).filter((value) => !value.includes('\uFFFD'));
const base64 = fc.uint8Array({ minLength: 1 }).map((data) => Buffer.from(data).toString('base64'));
const seconds = fc.integer({ min: 1, max: 0xffff_ffff });

const validKid = fc.oneof(
  hexDigits(32),
  text(1, 64).map((rest) => `^${rest}`),
);
const validKek = fc.constantFrom(16, 24, 32).chain(bytes);
const validKey: fc.Arbitrary<{ key: ContentKeySource; stored?: Uint8Array }> = fc.oneof(
  bytes(16).map((contentKey) => ({ key: { kind: 'clear' as const, contentKey } })),
  fc
    .tuple(validKek, bytes(16))
    .map(([kek, key]) => ({ key: { kind: 'wrapped' as const, kek, ek: wrapKey(kek, key) } })),
  fc
    .tuple(validKek, bytes(16))
    .map(([kek, key]) => ({ key: { kind: 'key-storage' as const, kek }, stored: wrapKey(kek, key) })),
);
const validExtension: fc.Arbitrary<LicenseExtension> = fc.record({
  type: fc.string({ unit: fc.constantFrom(...'abcXYZ019'), minLength: 4, maxLength: 4 }),
  payload: base64,
});

/** Names that no service documents: parameters seen elsewhere, words, and any text. */
export const undocumentedName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('robustness', 'algid', 'kid.x', 'trackType.100', 'Cookie'),
  fc.constantFrom('constructor', '__proto__', 'toString'),
  // A number or a sign in front keeps it apart from every documented name, whatever its case.
  fc.tuple(fc.constantFrom('x-', '0', '&', '=', '+', ' ', 'é'), text(0, 40)).map(([sign, rest]) => sign + rest),
);
const validAdditional: fc.Arbitrary<AdditionalParameter[]> = fc.uniqueArray(
  fc.record({ name: undocumentedName, value: text(0, 80) }),
  { selector: ({ name }) => name, maxLength: 4 },
);
const validCommon = {
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

/** Requests of one DRM with keys: what a request says apart from its key. */
const withKey = <T extends TokenRequest>(requests: fc.Arbitrary<Omit<T, 'key'>>): fc.Arbitrary<T & ArrangedRequest> =>
  fc.tuple(requests, validKey).map(([request, key]) => ({ ...request, ...key }) as T & ArrangedRequest);

/** Up to three further keys, where the first is clear: others would have to be wrapped under its KEK. */
const withOtherKeys = <T extends PlayReadyTokenRequest | WidevineTokenRequest>(
  requests: fc.Arbitrary<T & ArrangedRequest>,
  own: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<T & ArrangedRequest> => {
  const contentKey = fc.uint8Array({ minLength: 16, maxLength: 16 });
  const other = fc.record({
    kid: hexDigits(32),
    key: fc.record({ kind: fc.constant('clear' as const), contentKey }),
    ...own,
  });
  return fc.tuple(requests, fc.array(other, { maxLength: 3 })).map(([request, otherKeys]) => {
    const kids = new Set([request, ...otherKeys].map(({ kid }) => kid?.toLowerCase()));
    const isPossible = request.key.kind === 'clear' && otherKeys.length > 0 && kids.size === otherKeys.length + 1;
    return isPossible ? ({ ...request, otherKeys } as unknown as T & ArrangedRequest) : request;
  });
};

/** Requests that nothing is wrong with, by DRM. */
export const validRequestsOf = {
  playready: withOtherKeys(
    withKey<PlayReadyTokenRequest>(
      fc.record({
        minCertSecurityLevel: optional(fc.constantFrom(150, 2000, 3000)),
        algId: optional(fc.constantFrom('aesctr', 'aescbc')),
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
      }),
    ),
    { minCertSecurityLevel: optional(fc.constantFrom(150, 2000, 3000)) },
  ),
  fairplay: withKey<FairPlayTokenRequest>(
    fc.record({
      ...validCommon,
      drm: fc.constant('fairplay' as const),
      iv: hexDigits(32),
      kid: optional(validKid),
      rentalDurationSeconds: optional(seconds),
      extensions: optional(fc.array(validExtension, { maxLength: 3 })),
    }),
  ).filter(({ key, kid }) => key.kind !== 'key-storage' || kid !== undefined),
  widevine: withOtherKeys(
    withKey<WidevineTokenRequest>(
      fc.record({
        trackType: optional(fc.integer({ min: 0, max: 4 })),
        persistent: optional(fc.boolean()),
        ...validCommon,
        drm: fc.constant('widevine' as const),
        kid: validKid,
        securityLevel: fc.integer({ min: 1, max: 5 }),
        hdcpOutputControl: fc.integer({ min: 0, max: 5 }),
        licenseDurationSeconds: optional(seconds),
        playbackDurationSeconds: optional(seconds),
        contentId: optional(text(0, 36)),
        extensions: optional(fc.array(validExtension, { maxLength: 3 })),
      }),
    ),
    {
      securityLevel: fc.integer({ min: 1, max: 5 }),
      hdcpOutputControl: fc.integer({ min: 0, max: 5 }),
      trackType: optional(fc.integer({ min: 0, max: 4 })),
    },
  ),
};

/** Requests that nothing is wrong with. */
export const validRequests: fc.Arbitrary<ArrangedRequest> = fc.oneof(...Object.values(validRequestsOf));

/** Any 16-bit units: half surrogate pairs too, but not what decoders put in the place of broken bytes. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xfffc }), { maxLength: 70 })
  .map((units) => String.fromCharCode(...units));
const anyNumber = fc.oneof(fc.double(), fc.integer({ min: -2, max: 1001 }));
const anyBytes = fc.uint8Array({ maxLength: 40 });
const anyExtension = fc.record({ type: anyText, payload: anyText });

/** Values of the right type for each field, few of which are valid. */
const anyFields: Record<string, fc.Arbitrary<unknown>> = {
  kid: anyText,
  iv: anyText,
  key: fc.oneof(
    fc.record({ kind: fc.constant('wrapped' as const), kek: anyBytes, ek: anyBytes }),
    fc.record({ kind: fc.constant('key-storage' as const), kek: anyBytes }),
    fc.record({ kind: fc.constant('clear' as const), contentKey: anyBytes }),
  ),
  rights: fc.record({ type: fc.constant('rental' as const), periodEndTime: fc.date(), playDurationSeconds: anyNumber }),
  opl: oplOf(anyNumber),
  outputControlFlags: anyText,
  extension: anyExtension,
  extensions: fc.array(anyExtension, { maxLength: 2 }),
  rentalDurationSeconds: anyNumber,
  licenseDurationSeconds: anyNumber,
  playbackDurationSeconds: anyNumber,
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

/** Valid requests in which a few fields were replaced by anything of their type. Fields of other DRMs say nothing. */
export const anyRequests: fc.Arbitrary<TokenRequest> = fc
  .tuple(validRequests, fc.array(anyField, { maxLength: 3 }))
  .map(([request, changes]) => Object.assign({}, request, ...changes) as TokenRequest);
