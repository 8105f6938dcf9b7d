import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { wrapKey } from '@app/expressplay';
import { contentKey, cpix, usageRule } from '../../apps/entitlement/src/catalog/testing/cpix-documents.js';
import { TestService } from '../support/test-service.js';
import { CatalogueClient, type CatalogueRequest, fieldsOf } from './catalogue-client.js';

const KEK = Buffer.from(inject('kek'), 'hex');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const hexOf = (uuid: string) => uuid.replaceAll('-', '');
const XML = { type: 'application/xml' };
const WRAPPED = { source: 'wrapped', kekId: 'test' };

describe('a CPIX document as the keys of a title', () => {
  let service: TestService;
  let store: CatalogueClient;
  beforeAll(async () => {
    service = await TestService.start();
    store = new CatalogueClient(service);
  });
  afterAll(() => service.stop());

  const make = (id: string, more: object = {}) =>
    store.put(`contents/${id}`, { title: id, outputPolicy: 'hd', ...more });
  const put = (id: string, body: object | string, request: CatalogueRequest = {}) =>
    store.put(`contents/${id}/keys`, body, request);
  const stored = (id: string) =>
    service.database.query('SELECT kid, ek FROM content_key WHERE content_id = $1 ORDER BY position', [id]);
  const sell = (contentId: string) =>
    service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at)
       VALUES ('order of ' || $1, 'zoe', $1, 'buy-to-own', now())`,
      [contentId],
    );
  const ask = async (contentId: string, drm: string, more: object = {}) => {
    const answer = await service.ask('zoe', { contentId, drm, ...more });
    expect([answer.status, answer.body]).toMatchObject([200, {}]);
    return { keys: answer.body.keys, carried: await service.carried(answer.body.token) };
  };

  it('goes in, and plays: every DRM gets its keys', async () => {
    await make('cpix', { kid: hex(randomBytes(16)) });
    await sell('cpix');
    const kids = Array.from({ length: 3 }, () => randomUUID());
    const [sd = '', hd = '', audio = ''] = kids;
    const iv = randomBytes(16);
    const document = cpix({
      keys: [
        contentKey({ kid: sd, key: randomBytes(16), iv, scheme: 'cbcs' }),
        contentKey({ kid: hd, ek: wrapKey(KEK, randomBytes(16)), kekId: 'test', iv, scheme: 'cbcs' }),
        contentKey({ kid: audio, key: randomBytes(16), iv, scheme: 'cbcs' }),
      ],
      rules: [
        usageRule(sd, 'SD', '<cpix:VideoFilter maxPixels="589824"/>'),
        usageRule(hd, 'HD', '<cpix:VideoFilter minPixels="589825" maxPixels="2073600"/>'),
        usageRule(audio, 'AUDIO', '<cpix:AudioFilter/>'),
      ],
    });
    const answer = await put('cpix', document, XML);
    const keys = [
      { kid: hexOf(sd), tracks: ['sd'] },
      { kid: hexOf(hd), tracks: ['hd'] },
      { kid: hexOf(audio), tracks: ['audio'] },
    ];
    const common = { iv: hex(iv), outputPolicy: null, key: WRAPPED };
    expect([answer.status, answer.headers.etag]).toEqual([200, '"2"']);
    expect(answer.body).toEqual({ protectionScheme: 'cbcs', keys: keys.map((key) => ({ ...key, ...common })) });
    expect((await put('cpix', document, XML)).headers.etag).toBe('"2"');

    const numbered = Object.fromEntries(keys.map((key, index) => [`kid.${index}`, key.kid]));
    const [playready, widevine] = [await ask('cpix', 'playready'), await ask('cpix', 'widevine')];
    expect(playready).toMatchObject({ keys, carried: { ...numbered, algId: 'aescbc' } });
    expect(widevine).toMatchObject({ keys, carried: { ...numbered, 'trackType.1': '1', 'trackType.2': '2' } });
    const fairplay = await ask('cpix', 'fairplay', { kid: hexOf(hd) });
    expect(fairplay).toMatchObject({ keys: [keys[1]], carried: { iv: hex(iv) } });
  });

  const good = () => cpix({ keys: [contentKey({ kid: randomUUID(), key: randomBytes(16) })] });
  it.each<[string, () => string, string[]]>([
    ['a document with a type', () => `<!DOCTYPE a [<!ENTITY b "c">]>${good()}`, []],
    ['half a document', () => good().slice(0, -20), []],
    [
      'a key that is too short',
      () => cpix({ keys: [contentKey({ kid: randomUUID(), key: randomBytes(8) })] }),
      ['ContentKey.0.PlainValue'],
    ],
    [
      'a KEK that is not configured',
      () => cpix({ keys: [contentKey({ kid: randomUUID(), ek: wrapKey(KEK, randomBytes(16)), kekId: 'no' })] }),
      ['keys.0.kekId'],
    ],
    [
      'more keys than a title has',
      () => cpix({ keys: Array.from({ length: 33 }, () => contentKey({ kid: randomUUID() })) }),
      ['keys'],
    ],
  ])('refuses %s, and takes none', async (_name, document, fields) => {
    const before = await stored('sintel');
    const answer = await put('sintel', document(), XML);
    expect([answer.status, answer.body.code, fieldsOf(answer)]).toEqual([400, 'invalid-request', fields]);
    expect(await stored('sintel')).toEqual(before);
  });

  it('XML is for the keys alone, of a bounded size, and read for nobody who has not been let in', async () => {
    const elsewhere = await store.put('contents/sintel', good(), XML);
    expect([elsewhere.status, elsewhere.body.code]).toEqual([415, 'unsupported-media-type']);
    const text = await put('sintel', good(), { type: 'text/xml' });
    expect([text.status, text.body.code]).toEqual([415, 'unsupported-media-type']);
    const large = await put('sintel', `${good()}<!--${'x'.repeat(128 * 1024)}-->`, XML);
    expect([large.status, large.body.code]).toEqual([413, 'payload-too-large']);
    const stranger = await put('sintel', 'no XML', { ...XML, scope: 'purchases:write' });
    expect([stranger.status, stranger.body.code]).toEqual([403, 'insufficient-scope']);
  });

  it('no key is found in the log or in an answer', async () => {
    await make('secret');
    const keys = Array.from({ length: 4 }, () => randomBytes(16));
    const xml = (key: Buffer | undefined, more: object = {}) =>
      cpix({ keys: [contentKey({ kid: randomUUID(), ...(key && { key }), ...more })] });
    const statuses = [
      await put('secret', xml(keys[0]), XML),
      await put('secret', xml(keys[1]).replace('</pskc:Secret>', ''), XML),
      await put('secret', xml(keys[2]).replace(keys[2]!.toString('base64'), `${keys[2]!.toString('base64')}AAAA`), XML),
    ].map(({ status }) => status);
    await service.wires.postgres.stop();
    statuses.push((await put('secret', xml(keys[3]), XML)).status);
    await service.wires.postgres.start();
    expect(statuses).toEqual([200, 400, 400, 503]);
    const answers = store.answers.join('\n');
    expect(service.log.text).toContain('/v1/admin/contents/secret/keys');
    expect(answers).toContain('ContentKey.0.PlainValue');
    for (const [place, text] of Object.entries({ log: service.log.text, answers })) {
      const found = keys.filter(
        (key) => text.toLowerCase().includes(hex(key)) || text.includes(key.toString('base64')),
      );
      expect([place, found.length]).toEqual([place, 0]);
    }
  });
});
