// Values that parsers, databases and loggers have stumbled over, and arbitraries that bring them in.
import fc from 'fast-check';

/** Texts, from harmless to hostile. */
export const HOSTILE_TEXTS = [
  '',
  ' ',
  'sintel',
  'big-buck-bunny',
  'alice',
  '__proto__',
  'constructor',
  'toString',
  '..',
  '../../etc/passwd',
  "' OR '1'='1",
  "'; DROP TABLE purchase; --",
  '${7*7}{{7*7}}<%= 7*7 %>',
  '<script>alert(1)</script>',
  '\u0000',
  'a\u0000b',
  '\uD800',
  '\uDFFF\uD800',
  '\uFEFF',
  '\u202Etxt.exe',
  'e\u0301'.repeat(50),
  '\u{1F3AC}'.repeat(40),
  '\r\nSet-Cookie: a=b',
  '%00%0d%0a%zz',
  '1e400',
  'NaN',
  'null',
  'true',
  '-1',
  '9223372036854775808',
  '2026-02-30T25:61:61Z',
  '+275760-09-13T00:00:00.001Z',
  '0'.repeat(32),
  'x'.repeat(129),
  'x'.repeat(4000),
] as const;

/** A text, hostile or anything. */
export const texts = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
);

/** Anything that JSON can say, and what a reviver would choke on. */
const jsonValues = fc.oneof(
  { weight: 4, arbitrary: texts },
  { weight: 2, arbitrary: fc.constantFrom(null, true, false, 0, -1, 1.5, 1e21, -1e308, 2 ** 53, [], {}, [[]]) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** Names of fields that some route knows, and names that none should. */
const FIELDS = [
  'contentId',
  'drm',
  'offline',
  'userId',
  'title',
  'kid',
  'iv',
  'outputPolicy',
  'availableFrom',
  'withdrawnAt',
  'source',
  'kekId',
  'key',
  'ek',
  'wrappedKey',
  'type',
  'purchasedAt',
  'periodEndsAt',
  'playDurationSeconds',
  'reason',
  'revokedAt',
  'externalId',
  'extensions',
  'analogVideo',
  'offlineAllowed',
  'unknownOutputBehavior',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'length',
  '',
];

/** Objects with fields of requests and values that do not belong there. */
export const hostileObjects = fc
  .array(fc.tuple(fc.constantFrom(...FIELDS), jsonValues), { maxLength: 8 })
  // As text, since an object cannot have a `__proto__` of its own, nor a field twice.
  .map((pairs) => `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`);

/** JSON documents, and what pretends to be one. */
export const hostileJson = fc.oneof(
  { weight: 6, arbitrary: hostileObjects },
  { weight: 2, arbitrary: fc.json({ maxDepth: 4 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '{"contentId":"sintel","drm":"playready"}',
      '{"contentId":"sintel","drm":"playready","__proto__":{"polluted":true}}',
      '{"constructor":{"prototype":{"polluted":true}}}',
      '{"contentId":"sintel","contentId":"frank","drm":"playready"}',
      '{"contentId":"\\ud800","drm":"\\u0000"}',
      '{"playDurationSeconds":1e999999,"periodEndsAt":-0}',
      `{"playDurationSeconds":${'9'.repeat(2000)}}`,
      `${'['.repeat(2000)}${']'.repeat(2000)}`,
      `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`,
      `{"a":[${'1,'.repeat(3000)}1]}`,
      `{${Array.from({ length: 800 }, (_, n) => `"k${n}":1`).join(',')}}`,
      `{"contentId":"${'x'.repeat(20_000)}"}`,
      '{"a":1}\n{"a":2}\n',
      '\uFEFF{"contentId":"sintel","drm":"playready"}',
      '[]',
      '""',
      'null',
      '',
    ),
  },
  { weight: 1, arbitrary: fc.tuple(hostileObjects, fc.nat({ max: 60 })).map(([json, end]) => json.slice(0, end)) },
);
