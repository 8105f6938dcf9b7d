import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { ContentRequest } from '../catalog/catalog.dto.js';
import { ContentKeyRequest, ContentKeysRequest, TrackKeyRequest } from '../catalog/content-keys.dto.js';
import { OutputPolicyRequest } from '../catalog/output-policies.dto.js';
import { LicenseTokenRequest } from '../license-tokens/license-tokens.dto.js';
import { FirstPlayResetRequest, ReinstatementRequest, RevocationRequest } from '../purchases/purchases.dto.js';

type RequestClass = new () => object;

const EXTENSION = { drm: 'fairplay', type: 'wudo', payload: 'AQ==' };
const PARAMETER = { name: 'minCertSecurityLevel', value: '3000', drm: 'playready' };
const POLICY = {
  analogVideoOpl: 0,
  compressedDigitalAudioOpl: 999,
  compressedDigitalVideoOpl: 1,
  uncompressedDigitalAudioOpl: 1,
  uncompressedDigitalVideoOpl: 1,
  unknownOutputBehavior: 'Allow',
  outputControlFlags: '0000000F',
  offlineAllowed: true,
  // With a number only `offlineAllowed` would do, which the schema cannot say.
  offlineLicenseSeconds: null,
  playready: { minCertSecurityLevel: 3000 },
  widevine: { securityLevel: 5, hdcp: 2 },
  extensions: [EXTENSION],
  additionalParameters: [PARAMETER],
};

/** A good body of each class that is validated by its fields' rules. */
const BODIES: [RequestClass, Record<string, unknown>][] = [
  [LicenseTokenRequest, { contentId: 'sintel', drm: 'playready', offline: true }],
  [
    ContentRequest,
    {
      title: 'Spring',
      kid: '0'.repeat(32),
      iv: 'F'.repeat(32),
      outputPolicy: 'hd',
      availableFrom: '2026-11-21T10:00:00+01:00',
      withdrawnAt: '2026-11-21T10:00:00.123Z',
    },
  ],
  [ContentKeyRequest, { key: '0'.repeat(32), ek: '0'.repeat(48), kekId: 'demo', keyStorage: { kekId: 'demo' } }],
  [
    TrackKeyRequest,
    { kid: '0'.repeat(32), tracks: ['sd', 'audio'], iv: 'F'.repeat(32), outputPolicy: 'hd', key: '0'.repeat(32) },
  ],
  [ContentKeysRequest, { keys: [{ kid: '0'.repeat(32) }], protectionScheme: 'cbcs' }],
  [OutputPolicyRequest, POLICY],
  [ReinstatementRequest, { version: 1 }],
  [RevocationRequest, { version: 1, reason: 'refund', revokedAt: '2026-11-21T10:00:00Z' }],
  [FirstPlayResetRequest, { id: 'ticket-4711', reason: 'It crashed.' }],
];

const WORDS = [
  '',
  ' ',
  'a',
  'a b',
  '.a',
  'é',
  '😀',
  '\u0000',
  '\u0085',
  'AQ==',
  'AQ=',
  'zzzz',
  'Allow',
  'true',
  '2026-11-21',
];
const LENGTHS = [3, 4, 8, 31, 32, 33, 48, 64, 65, 128, 129, 255, 256, 300, 301, 500, 501, 1000, 1001];
const MOMENTS = ['2026-11-21T10:00:00Z', '2026-11-21T10:00:00', '2026-02-30T10:00:00Z', '2026-11-21T24:00:00Z'];
const NUMBERS = [-1, 0, 1, 1.5, 2, 3, 5, 6, 59, 60, 150, 998, 999, 1000, 1e15, 2 ** 53, Number.MAX_SAFE_INTEGER];
const OBJECTS = [{}, [], [null], [{}], { securityLevel: 1 }, { kekId: '' }];
const ITEMS = [
  { ...EXTENSION, drm: 'x' },
  { ...EXTENSION, more: 1 },
  EXTENSION,
  PARAMETER,
  { ...PARAMETER, drm: null },
];
const VALUES: unknown[] = [
  undefined,
  null,
  true,
  false,
  ...OBJECTS,
  ...NUMBERS,
  ...WORDS,
  ...MOMENTS,
  ...LENGTHS.flatMap((length) => ['a'.repeat(length), '😀'.repeat(length)]),
  ...ITEMS.map((item) => [item]),
  Array.from({ length: 51 }, () => EXTENSION),
];

const ajv = new Ajv2020({ strict: false, formats: { 'date-time': isMoment } });

const { components, paths } = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as {
  components: { schemas: object };
  paths: Record<string, { get: { parameters: object[] } }>;
};

describe.each(BODIES)('the schema of $name in the document', (type, good) => {
  const validate = ajv.compile({ components, $ref: `#/components/schemas/${type.name}` });
  const isValid = (body: unknown) =>
    validateSync(plainToInstance(type, body), { whitelist: true, forbidNonWhitelisted: true }).length === 0;

  it('takes a good body', () => {
    expect([validate(good), isValid(good)]).toEqual([true, true]);
  });

  it.each([...Object.keys(good), 'unknown'])('takes and refuses what the rules do for %s', (field) => {
    const told = (value: unknown) => JSON.stringify({ [field]: value })?.slice(0, 80);
    for (const value of VALUES) {
      const body = JSON.parse(JSON.stringify({ ...good, [field]: value })) as unknown;
      expect([told(value), validate(body)]).toEqual([told(value), isValid(body)]);
    }
  });
});

describe('the fields of an address', () => {
  it('can be left out, but are never null', () => {
    expect(paths['/v1/entitlements']?.get.parameters).toMatchObject([
      { name: 'cursor', required: false, schema: { type: 'string', minLength: 1, maxLength: 200 } },
      { name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 } },
      {},
    ]);
  });
});

/** RFC 3339, on a day that there is. */
function isMoment(text: string): boolean {
  const [, day, hour] = /^\d{4}-\d\d-(\d\d)T(\d\d):\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  return day !== undefined && Number(hour) < 24 && new Date(text.slice(0, 10)).getUTCDate() === Number(day);
}
