// The output policies of the catalogue, as a store keeps them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestService } from '../support/test-service.js';
import { CatalogueClient, fieldsOf } from './catalogue-client.js';

const POLICY = {
  analogVideoOpl: 100,
  compressedDigitalAudioOpl: 200,
  compressedDigitalVideoOpl: 300,
  uncompressedDigitalAudioOpl: 999,
  uncompressedDigitalVideoOpl: 0,
  offlineAllowed: false,
};

describe('output policies', () => {
  let service: TestService;
  let store: CatalogueClient;
  beforeAll(async () => {
    service = await TestService.start();
    store = new CatalogueClient(service);
  });
  afterAll(() => service.stop());

  it('are made with what has to be said, and read as they were written', async () => {
    const made = await store.put('output-policies/plain', POLICY);
    expect([made.status, made.headers.etag, made.headers['cache-control']]).toEqual([201, '"1"', 'no-store']);
    expect(made.body).toEqual({
      name: 'plain',
      ...POLICY,
      unknownOutputBehavior: null,
      outputControlFlags: null,
      offlineLicenseSeconds: null,
      playready: null,
      widevine: null,
      extensions: [],
      additionalParameters: [],
      version: 1,
    });
    expect((await store.get('output-policies/plain')).body).toEqual(made.body);
    expect((await store.get('output-policies/nothing')).body.code).toBe('output-policy-not-found');
  });

  it('hold everything a token can carry, and keep their version when nothing changes', async () => {
    const body = {
      ...POLICY,
      unknownOutputBehavior: 'SDOnly',
      outputControlFlags: '0000ABCD',
      offlineAllowed: true,
      offlineLicenseSeconds: 2_592_000,
      playready: { minCertSecurityLevel: 150 },
      widevine: { securityLevel: 3, hdcp: 5 },
      extensions: [
        { drm: 'playready', type: 'wudo', payload: 'AAAAAA==' },
        { drm: 'fairplay', type: 'wudo', payload: 'AAAA' },
        { drm: 'fairplay', type: 'wud2', payload: 'AAAA' },
      ],
      additionalParameters: [
        { name: 'minCertSecurityLevel', value: '2000', drm: 'playready' },
        { name: 'x-note', value: '' },
      ],
    };
    const made = await store.put('output-policies/full', body);
    expect(made.body).toEqual({ name: 'full', ...body, outputControlFlags: '0000abcd', version: 1 });
    const again = await store.put('output-policies/full', body);
    expect([again.status, again.headers.etag]).toEqual([200, '"1"']);
    const none = { extensions: null, widevine: null, playready: null, offlineLicenseSeconds: null };
    const fewer = await store.put('output-policies/full', { ...body, ...none });
    expect(fewer.body).toMatchObject({ ...none, extensions: [], version: 2 });
    expect((await store.get('output-policies/full')).body).toEqual(fewer.body);
  });

  const extension = (more: object = {}) => ({ drm: 'fairplay', type: 'wudo', payload: 'AAAA', ...more });
  const parameter = (name: unknown, more: object = {}) => ({ additionalParameters: [{ name, value: '1', ...more }] });
  it.each<[string, object, string[]]>([
    ['an OPL of 1000', { analogVideoOpl: 1000 }, ['analogVideoOpl']],
    ['an OPL of -1', { compressedDigitalAudioOpl: -1 }, ['compressedDigitalAudioOpl']],
    ['an OPL of 1.5', { compressedDigitalVideoOpl: 1.5 }, ['compressedDigitalVideoOpl']],
    ['an OPL in quotes', { uncompressedDigitalAudioOpl: '1' }, ['uncompressedDigitalAudioOpl']],
    ['an OPL of null', { uncompressedDigitalVideoOpl: null }, ['uncompressedDigitalVideoOpl']],
    ['an unknown behaviour', { unknownOutputBehavior: 'allow' }, ['unknownOutputBehavior']],
    ['flags of 7 digits', { outputControlFlags: '0000000' }, ['outputControlFlags']],
    ['an offline that is a word', { offlineAllowed: 'yes' }, ['offlineAllowed']],
    ['a Widevine level of 6', { widevine: { securityLevel: 6, hdcp: 0 } }, ['widevine.securityLevel']],
    ['a Widevine without HDCP', { widevine: { securityLevel: 1 } }, ['widevine.hdcp']],
    ['an HDCP of 6', { widevine: { securityLevel: 1, hdcp: 6 } }, ['widevine.hdcp']],
    ['a certificate level of 151', { playready: { minCertSecurityLevel: 151 } }, ['playready.minCertSecurityLevel']],
    ['a PlayReady of nothing', { playready: {} }, ['playready.minCertSecurityLevel']],
    ['an end of what may not be kept', { offlineLicenseSeconds: 3600 }, ['offlineLicenseSeconds']],
    ['an end after 59 s', { offlineAllowed: true, offlineLicenseSeconds: 59 }, ['offlineLicenseSeconds']],
    ['an end of eleven years', { offlineAllowed: true, offlineLicenseSeconds: 315_360_001 }, ['offlineLicenseSeconds']],
    ['a Widevine that is a list', { widevine: [] }, ['widevine']],
    ['an unknown field within', { widevine: { securityLevel: 1, hdcp: 0, x: 1 } }, ['widevine.x']],
    ['extensions that are no list', { extensions: 'wudo' }, ['extensions']],
    ['an extension that is null', { extensions: [null] }, ['extensions', 'extensions.0']],
    ['a list within extensions', { extensions: [[]] }, ['extensions']],
    ['an extension of no DRM', { extensions: [extension({ drm: 'clearkey' })] }, ['extensions.0.drm']],
    ['a type of 5', { extensions: [extension(), extension({ type: 'wudos' })] }, ['extensions.1.type']],
    ['a payload that is no base64', { extensions: [extension({ payload: 'A' })] }, ['extensions.0.payload']],
    ['an empty payload', { extensions: [extension({ payload: '' })] }, ['extensions.0.payload']],
    ['two for PlayReady', { extensions: [1, 2].map(() => extension({ drm: 'playready' })) }, ['extensions']],
    ['fifty-one', { extensions: Array.from({ length: 51 }, () => extension()) }, ['extensions']],
    ['the authenticator', parameter('customerAuthenticator'), ['additionalParameters.0.name']],
    ['a content key', parameter('contentKey'), ['additionalParameters.0.name']],
    ['a numbered content key', parameter('contentKey.0'), ['additionalParameters.0.name']],
    ['a KEK', parameter('kek'), ['additionalParameters.0.name']],
    ['a documented name', parameter('rental.playDuration'), ['additionalParameters.0.name']],
    ['useHttps', parameter('useHttps'), ['additionalParameters.0.name']],
    ['no name', parameter(undefined), ['additionalParameters.0.name']],
    ['a value that is a number', parameter('x', { value: 1 }), ['additionalParameters.0.value']],
    ['a value with a NUL', parameter('x', { value: '\0' }), ['additionalParameters.0.value']],
    ['a parameter of no DRM', parameter('x', { drm: 'all' }), ['additionalParameters.0.drm']],
    [
      'a name twice for a DRM',
      { additionalParameters: ['playready', undefined].map((drm) => ({ name: 'x', value: '', drm })) },
      ['additionalParameters'],
    ],
    ['unknown fields', { name: 'x', version: 1 }, ['name', 'version']],
  ])('refuse %s by name', async (_name, more, fields) => {
    const answer = await store.put('output-policies/refused', { ...POLICY, ...more });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    expect(fieldsOf(answer).sort()).toEqual(fields);
    expect((await store.get('output-policies/refused')).status).toBe(404);
  });

  it.each([
    ['strict', 'offline_license_seconds = 3600', 'output_policy_offline_license_seconds_check'],
    ['hd', 'offline_license_seconds = 59', 'output_policy_offline_license_seconds_check'],
    ['hd', 'widevine_hdcp = 6', 'output_policy_widevine_check'],
    ['hd', 'playready_min_cert_security_level = 151', 'output_policy_playready_check'],
  ])('hold to that in the database too: %s, %s', async (name, change, constraint) => {
    const changing = service.database.query(`UPDATE output_policy SET ${change} WHERE name = $1`, [name]);
    await expect(changing).rejects.toMatchObject({ constraint });
  });

  it('refuse an empty body, naming all that has to be said', async () => {
    expect(fieldsOf(await store.put('output-policies/refused', {})).sort()).toEqual(Object.keys(POLICY).sort());
  });

  it.each(['-x', 'a b', 'x'.repeat(65)])('refuse the name %s', async (name) => {
    const answer = await store.put(`output-policies/${name}`, POLICY);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['name']]);
  });
});
