import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { wrapKey } from '@app/expressplay';
import type { TrackKeyOrder } from '../../apps/entitlement/src/catalog/content.js';
import { ContentKeysService } from '../../apps/entitlement/src/catalog/content-keys.service.js';
import { TestService } from '../support/test-service.js';
import { CatalogueClient, type CatalogueRequest, fieldsOf } from './catalogue-client.js';

const KEK = Buffer.from(inject('kek'), 'hex');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const random = () => hex(randomBytes(16));
const WRAPPED = { source: 'wrapped', kekId: 'test' };
const NONE = { source: null, kekId: null };

describe('the keys of a title with several', () => {
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
    service.database.query<{ kid: string; ek: Buffer; created_at: Date }>(
      'SELECT kid, ek, created_at FROM content_key WHERE content_id = $1 ORDER BY position',
      [id],
    );
  it('are said together, each in its own way, and read without a key', async () => {
    expect((await make('three')).body).toMatchObject({ kid: null, iv: null, key: NONE, keys: [], version: 1 });
    const [sd, hd, audio] = [random(), random(), random()];
    const iv = random();
    const answer = await put('three', {
      keys: [
        { kid: sd.toUpperCase(), tracks: ['sd'], iv: iv.toUpperCase(), key: random() },
        {
          kid: hd,
          tracks: ['uhd1', 'hd'],
          outputPolicy: 'strict',
          ek: hex(wrapKey(KEK, randomBytes(16))),
          kekId: 'test',
        },
        { kid: audio, tracks: ['audio'], keyStorage: { kekId: 'test' } },
      ],
    });
    const keys = [
      { kid: sd, tracks: ['sd'], iv, outputPolicy: null, key: WRAPPED },
      { kid: hd, tracks: ['hd', 'uhd1'], iv: null, outputPolicy: 'strict', key: WRAPPED },
      { kid: audio, tracks: ['audio'], iv: null, outputPolicy: null, key: { source: 'key-storage', kekId: 'test' } },
    ];
    expect([answer.status, answer.headers.etag]).toEqual([200, '"2"']);
    expect(answer.body).toEqual({ protectionScheme: 'cenc', keys });
    const read = await store.get('contents/three/keys');
    expect([read.status, read.headers.etag, read.headers['cache-control']]).toEqual([200, '"2"', 'no-store']);
    expect(read.body).toEqual(answer.body);
    const content = (await store.get('contents/three')).body;
    expect(content).toMatchObject({ kid: sd, iv, key: WRAPPED, keys, version: 2 });
    expect((await store.get('contents/three/key')).body).toEqual(WRAPPED);
  });

  it('are those that the last PUT says: one without a key keeps its own, one left out is gone, all tracks are none', async () => {
    await make('changing');
    const [one, two, three] = [random(), random(), random()];
    const key = random();
    await put('changing', {
      keys: [
        { kid: one, key },
        { kid: two, key: random() },
      ],
    });
    const [before] = await stored('changing');
    const tracks = ['audio', 'uhd2', 'uhd1', 'hd', 'sd'];
    const answer = await put('changing', { keys: [{ kid: three }, { kid: one, tracks, iv: random() }] });
    expect(answer.body.keys).toMatchObject([
      { kid: three, key: NONE },
      { kid: one, tracks: [], key: WRAPPED },
    ]);
    const after = await stored('changing');
    expect(after.map(({ kid }) => kid)).toEqual([three, one]);
    expect(after[1]).toEqual(before);
    // The same again, the key in the clear too, is no change.
    const { iv } = answer.body.keys[1];
    for (const again of [
      { kid: one, iv },
      { kid: one, iv, key },
    ]) {
      expect((await put('changing', { keys: [{ kid: three }, again] })).headers.etag).toBe(answer.headers.etag);
    }
  });

  it('the title itself: its KID and IV are of the first key, and a PUT without them leaves the keys', async () => {
    await make('several');
    const [first, second] = [random(), random()];
    await put('several', {
      keys: [
        { kid: first, key: random() },
        { kid: second, key: random() },
      ],
    });
    const renamed = await store.put('contents/several', { title: 'New', outputPolicy: 'hd' });
    expect(renamed.body).toMatchObject({
      title: 'New',
      kid: first,
      keys: [{ kid: first }, { kid: second }],
      version: 3,
    });
    const iv = random();
    const changed = await store.put('contents/several', { title: 'New', outputPolicy: 'hd', kid: first, iv });
    expect(changed.body).toMatchObject({ kid: first, iv, keys: [{ kid: first, iv, key: WRAPPED }, { kid: second }] });
    for (const kid of [second, random()]) {
      const refused = await store.put('contents/several', { title: 'New', outputPolicy: 'hd', kid });
      expect([refused.status, fieldsOf(refused)]).toEqual([400, ['kid']]);
      expect(refused.body.errors[0].message).toContain('/keys');
    }
    const single = await store.put('contents/several/key', { key: random() });
    expect([single.status, fieldsOf(single)]).toEqual([400, ['contentId']]);
    expect(single.body.errors[0].message).toContain('/keys');
    expect((await store.get('contents/several')).body).toEqual(changed.body);
  });

  it('the protection scheme is kept until another is said, by the title or with its keys', async () => {
    const scheme = async () => (await store.get('contents/scheme')).body.protectionScheme;
    expect((await make('scheme', { kid: random() })).body.protectionScheme).toBe('cenc');
    await make('scheme', { protectionScheme: 'cbcs' });
    await make('scheme', { title: 'other' });
    expect(await scheme()).toBe('cbcs');
    const keys = [{ kid: random(), key: random() }];
    expect((await put('scheme', { keys })).body.protectionScheme).toBe('cbcs');
    expect((await put('scheme', { keys, protectionScheme: 'cenc' })).body.protectionScheme).toBe('cenc');
    expect(await scheme()).toBe('cenc');
  });

  const kid = random();
  const ek = hex(wrapKey(KEK, randomBytes(16)));
  it.each<[string, object, string[]]>([
    ['nothing', {}, ['keys']],
    ['no keys', { keys: [] }, ['keys']],
    ['33 keys', { keys: Array.from({ length: 33 }, () => ({ kid: random() })) }, ['keys']],
    ['an unknown field', { keys: [{ kid, key: random(), contentKey: random() }] }, ['keys.0.contentKey']],
    ['a KID that is none', { keys: [{ kid }, { kid: 'x', key: random() }] }, ['keys.1.kid']],
    ['a key without a KID', { keys: [{ kid }, { key: random() }] }, ['keys.1.kid']],
    ['a KID twice', { keys: [{ kid, key: random() }, { kid: kid.toUpperCase() }] }, ['keys.1.kid']],
    ['a KID of another title', { keys: [{ kid, key: random() }, { kid: 'taken' }] }, ['keys.1.kid']],
    ['a track that is none', { keys: [{ kid, tracks: ['4k'] }] }, ['keys.0.tracks']],
    ['tracks that are a text', { keys: [{ kid, tracks: 'sd' }] }, ['keys.0.tracks']],
    ['an IV that is none', { keys: [{ kid, iv: 'x' }] }, ['keys.0.iv']],
    ['a policy that is not there', { keys: [{ kid }, { kid: random(), outputPolicy: 'no' }] }, ['keys.1.outputPolicy']],
    [
      'a key in two ways',
      { keys: [{ kid, key: random(), keyStorage: { kekId: 'test' } }] },
      ['keys.0.key', 'keys.0.keyStorage'],
    ],
    [
      'a wrapped key without a KEK',
      {
        keys: [
          { kid, key: random() },
          { kid: random(), ek },
        ],
      },
      ['keys.1.kekId'],
    ],
    [
      'a KEK that is not configured',
      {
        keys: [
          { kid, key: random() },
          { kid: random(), ek, kekId: 'no' },
        ],
      },
      ['keys.1.kekId'],
    ],
    ['a key that does not unwrap', { keys: [{ kid, ek: ek.replaceAll(/./g, '0'), kekId: 'test' }] }, ['keys.0.ek']],
    ['key storage under an unknown KEK', { keys: [{ kid, keyStorage: { kekId: 'no' } }] }, ['keys.0.keyStorage.kekId']],
    ['a scheme that is not taken', { keys: [{ kid }], protectionScheme: 'cens' }, ['protectionScheme']],
  ])('refuses %s by name, and takes none', async (_name, body, fields) => {
    const [sintel] = await stored('sintel');
    await make('refused');
    const sent = JSON.parse(JSON.stringify(body).replace('"taken"', `"${sintel?.kid}"`)) as object;
    const answer = await put('refused', sent);
    expect([answer.status, answer.body.code, fieldsOf(answer)]).toEqual([400, 'invalid-request', fields]);
    expect((await store.get('contents/refused/keys')).body.keys).toEqual([]);
    expect(await stored('sintel')).toEqual([sintel]);
  });

  it('needs a title, and heeds If-Match: of those who knew one version, one comes first', async () => {
    for (const answer of [await put('nothing', { keys: [{ kid }] }), await store.get('contents/nothing/keys')]) {
      expect([answer.status, answer.body.code]).toEqual([404, 'content-not-found']);
    }
    await make('matched');
    const bodies = Array.from({ length: 3 }, () => ({ keys: [{ kid: random(), key: random() }, { kid: random() }] }));
    const answers = await Promise.all(bodies.map((body) => put('matched', body, { ifMatch: '"1"' })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect((await stored('matched')).map((row) => row.kid)).toEqual(bodies[winner]?.keys.map((key) => key.kid));
  });

  it('no key is found in the log or in an answer', async () => {
    await make('secret');
    const keys = Array.from({ length: 4 }, () => randomBytes(16));
    const of = (at: number, more: object = {}) => ({ kid: random(), key: hex(keys[at]!), ...more });
    const statuses = [
      await put('secret', { keys: [of(0)] }),
      await put('secret', { keys: [of(1, { ek })] }),
      await put('secret', { keys: [of(2), { kid: random(), ek, kekId: 'no' }] }),
    ].map(({ status }) => status);
    await service.wires.postgres.stop();
    statuses.push((await put('secret', { keys: [of(3)] })).status);
    await service.wires.postgres.start();
    expect(statuses).toEqual([200, 400, 400, 503]);
    const answers = store.answers.join('\n');
    expect(service.log.text).toContain('/v1/admin/contents/secret/keys');
    expect(answers).toContain('keys.0.key');
    for (const text of [service.log.text, answers]) {
      expect(keys.filter((key) => text.toLowerCase().includes(hex(key)))).toEqual([]);
    }
  });

  it('clear keys are zeroed in memory, whether they are taken or not', async () => {
    const keys = service.app.get(ContentKeysService, { strict: false });
    await make('zeroed');
    const orders = (bytes: Uint8Array[]): TrackKeyOrder[] =>
      bytes.map((contentKey) => ({
        kid: random(),
        tracks: [],
        iv: null,
        outputPolicy: null,
        order: { kind: 'clear', contentKey },
      }));
    const bytes = Array.from({ length: 5 }, () => new Uint8Array(randomBytes(16)));
    await keys.putAll('zeroed', orders(bytes.slice(0, 2)), undefined, () => true);
    await expect(keys.putAll('zeroed', orders(bytes.slice(2, 4)), undefined, () => false)).rejects.toThrow(/If-Match/);
    const wrong = [...orders(bytes.slice(4)), ...orders([])];
    wrong.unshift({ ...wrong[0]!, kid: random(), order: { kind: 'key-storage', kekId: 'no' } });
    await expect(keys.putAll('zeroed', wrong, undefined, () => true)).rejects.toThrow(/keys\.0\.keyStorage/);
    expect(bytes.map(hex)).toEqual(bytes.map(() => '00'.repeat(16)));
  });
});
