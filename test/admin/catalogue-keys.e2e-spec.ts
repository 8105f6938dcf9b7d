import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { unwrapKey, wrapKey } from '@app/expressplay';
import { ContentKeysService } from '../../apps/entitlement/src/catalog/content-keys.service.js';
import { TestService } from '../support/test-service.js';
import { CatalogueClient, fieldsOf } from './catalogue-client.js';

const NEWEST_KEK = randomBytes(16);
const OLD_KEK = Buffer.from(inject('kek'), 'hex');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** All rows of all tables, as text. */
async function dumped({ database }: TestService): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await database.query<{ text: string }>(`SELECT t::text AS text FROM "${name}" t`);
    texts.push(...rows.map(({ text }) => text));
  }
  return texts.join('\n');
}

describe('content keys, handed in by a store', () => {
  let service: TestService;
  let store: CatalogueClient;
  beforeAll(async () => {
    const CONTENT_KEY_KEKS = `newest=${hex(NEWEST_KEK)},test=${hex(OLD_KEK)}`;
    service = await TestService.start({ environment: { CONTENT_KEY_KEKS } });
    store = new CatalogueClient(service);
  });
  afterAll(() => service.stop());

  const make = async (id: string, more: object = {}) => {
    const body = { title: id, kid: hex(randomBytes(16)), iv: hex(randomBytes(16)), outputPolicy: 'hd', ...more };
    await store.put(`contents/${id}`, body);
    return body;
  };
  const sell = (contentId: string) =>
    service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at)
       VALUES ('order of ' || $1, 'zoe', $1, 'buy-to-own', now())`,
      [contentId],
    );
  const stored = async (id: string) => {
    const [row] = await service.database.query<{ source: string; kek_id: string; ek: Buffer | null }>(
      'SELECT source, kek_id, ek FROM content_key WHERE content_id = $1',
      [id],
    );
    return row;
  };

  it('a title is made, keyed, bought and played, with every DRM', async () => {
    await store.put('output-policies/cinema', {
      analogVideoOpl: 150,
      compressedDigitalAudioOpl: 251,
      compressedDigitalVideoOpl: 401,
      uncompressedDigitalAudioOpl: 252,
      uncompressedDigitalVideoOpl: 271,
      unknownOutputBehavior: 'SDOnly',
      outputControlFlags: '0000000F',
      offlineAllowed: true,
      widevine: { securityLevel: 3, hdcp: 1 },
      extensions: [
        { drm: 'playready', type: 'wudo', payload: 'AAAAAA==' },
        { drm: 'fairplay', type: 'fair', payload: 'AAAA' },
      ],
      additionalParameters: [{ name: 'minCertSecurityLevel', value: '2000', drm: 'playready' }],
    });
    const { kid, iv } = await make('cosmos', { outputPolicy: 'cinema' });
    await sell('cosmos');
    const early = await service.ask('zoe', { contentId: 'cosmos', drm: 'playready' });
    expect([early.status, early.body.code]).toEqual([409, 'drm-not-available']);

    expect((await store.put('contents/cosmos/key', { key: hex(randomBytes(16)) })).status).toBe(200);
    const [playready, fairplay, widevine] = await Promise.all(
      ['playready', 'fairplay', 'widevine'].map(async (drm) => {
        const answer = await service.ask('zoe', { contentId: 'cosmos', drm, offline: true });
        expect(answer.status).toBe(200);
        return service.carried(answer.body.token);
      }),
    );
    expect(playready).toMatchObject({
      kid,
      rightsType: 'BuyToOwn',
      generalFlags: '00000001',
      analogVideoOPL: '150',
      compressedDigitalAudioOPL: '251',
      compressedDigitalVideoOPL: '401',
      uncompressedDigitalAudioOPL: '252',
      uncompressedDigitalVideoOPL: '271',
      unknownOutputBehavior: 'SDOnly',
      outputControlFlags: '0000000f',
      extensionType: 'wudo',
      extensionPayload: 'AAAAAA==',
      minCertSecurityLevel: '2000',
    });
    expect(fairplay).toMatchObject({ iv, fpExtension: 'fair,AAAA' });
    expect(widevine).toMatchObject({ kid, securityLevel: '3', hdcpOutputControl: '1' });
    expect(widevine).not.toHaveProperty('minCertSecurityLevel');
  });

  it('a change is seen by the very next request', async () => {
    const body = await make('changing');
    await store.put('contents/changing/key', { key: hex(randomBytes(16)) });
    await sell('changing');
    const ask = () => service.ask('zoe', { contentId: 'changing', drm: 'playready' });
    expect((await service.carried((await ask()).body.token)).analogVideoOPL).toBe('150');
    await store.put('contents/changing', { ...body, outputPolicy: 'strict' });
    expect((await service.carried((await ask()).body.token)).analogVideoOPL).toBe('201');
    await store.put('contents/changing', { ...body, withdrawnAt: service.clock.now().toISOString() });
    expect((await ask()).body.reason).toBe('content-withdrawn');
    await store.put('contents/changing', { ...body, availableFrom: '2999-01-01T00:00:00Z' });
    expect((await ask()).body.reason).toBe('not-yet-available');
  });

  it('a clear key is wrapped under the newest KEK; the same key again changes nothing', async () => {
    await make('clear');
    const key = randomBytes(16);
    expect((await store.get('contents/clear/key')).body).toEqual({ source: null, kekId: null });
    const put = await store.put('contents/clear/key', { key: hex(key).toUpperCase() });
    expect([put.status, put.headers.etag, put.headers['cache-control']]).toEqual([200, '"2"', 'no-store']);
    expect(put.body).toEqual({ source: 'wrapped', kekId: 'newest' });
    const read = await store.get('contents/clear/key');
    expect([read.body, read.headers.etag]).toEqual([put.body, '"2"']);
    expect((await store.get('contents/clear')).body).toMatchObject({ key: put.body, version: 2 });

    const row = await stored('clear');
    expect(row).toMatchObject({ source: 'wrapped', kek_id: 'newest' });
    expect(hex(unwrapKey(NEWEST_KEK, new Uint8Array(row?.ek ?? [])))).toBe(hex(key));
    expect((await store.put('contents/clear/key', { key: hex(key) })).headers.etag).toBe('"2"');
    expect((await store.put('contents/clear/key', { key: hex(randomBytes(16)) })).headers.etag).toBe('"3"');
  });

  it('a wrapped key is kept under the KEK it came under, and played', async () => {
    await make('wrapped');
    const key = randomBytes(16);
    const ek = hex(wrapKey(OLD_KEK, key));
    const put = await store.put('contents/wrapped/key', { ek: ek.toUpperCase(), kekId: 'test' });
    expect([put.status, put.body]).toEqual([200, { source: 'wrapped', kekId: 'test' }]);
    expect(hex((await stored('wrapped'))?.ek ?? randomBytes(1))).toBe(ek);
    await sell('wrapped');
    expect((await service.ask('zoe', { contentId: 'wrapped', drm: 'widevine' })).status).toBe(200);
    // The same key, handed in anew in the clear, moves under the newest KEK.
    const moved = await store.put('contents/wrapped/key', { key: hex(key) });
    expect([moved.body.kekId, moved.headers.etag]).toEqual(['newest', '"3"']);
  });

  it("a key in ExpressPlay's storage is named by its KEK, and played once it is there", async () => {
    const { kid } = await make('remote');
    const put = await store.put('contents/remote/key', { keyStorage: { kekId: 'test' } });
    expect([put.status, put.body]).toEqual([200, { source: 'key-storage', kekId: 'test' }]);
    expect(await stored('remote')).toEqual({ source: 'key-storage', kek_id: 'test', ek: null });
    expect((await store.put('contents/remote/key', { keyStorage: { kekId: 'test' } })).headers.etag).toBe('"2"');
    await sell('remote');
    const ask = () => service.ask('zoe', { contentId: 'remote', drm: 'playready' });
    expect((await ask()).status).toBeGreaterThanOrEqual(500);
    await fetch(`${service.emulator.url}/emulator/keys/${kid}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ek: hex(wrapKey(OLD_KEK, randomBytes(16))) }),
    });
    expect((await service.carried((await ask()).body.token)).kid).toBe(kid);
    // And back to a key of our own.
    expect((await store.put('contents/remote/key', { key: hex(randomBytes(16)) })).body.source).toBe('wrapped');
    expect((await ask()).status).toBe(200);
  });

  const EK = hex(wrapKey(OLD_KEK, randomBytes(16)));
  it.each<[string, object, string[]]>([
    ['nothing', {}, ['key', 'ek', 'kekId', 'keyStorage']],
    ['a key in two ways', { key: hex(randomBytes(16)), ek: EK, kekId: 'test' }, ['key', 'ek', 'kekId']],
    ['two other ways', { key: hex(randomBytes(16)), keyStorage: { kekId: 'test' } }, ['key', 'keyStorage']],
    ['a KEK for a clear key', { key: hex(randomBytes(16)), kekId: 'test' }, ['key', 'kekId']],
    ['a wrapped key without its KEK', { ek: EK }, ['kekId']],
    ['a KEK without the wrapped key', { kekId: 'test' }, ['ek']],
    ['a key of 31 digits', { key: hex(randomBytes(16)).slice(1) }, ['key']],
    ['a key that is no hex', { key: 'z'.repeat(32) }, ['key']],
    ['a wrapped key of 47 digits', { ek: EK.slice(1), kekId: 'test' }, ['ek']],
    ['a KEK that is not configured', { ek: EK, kekId: 'other' }, ['kekId']],
    ['a KEK that does not unwrap it', { ek: EK, kekId: 'newest' }, ['ek']],
    [
      'a wrapped key that was changed',
      { ek: EK.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')), kekId: 'test' },
      ['ek'],
    ],
    ['key storage without a KEK', { keyStorage: {} }, ['keyStorage.kekId']],
    ['key storage under an unknown KEK', { keyStorage: { kekId: 'other' } }, ['keyStorage.kekId']],
    ['key storage that is a list', { keyStorage: [] }, ['keyStorage']],
    ['an unknown field', { keyStorage: { kekId: 'test', kid: 'x' } }, ['keyStorage.kid']],
    ['a field called contentKey', { contentKey: hex(randomBytes(16)) }, ['contentKey']],
  ])('refuses %s by name', async (_name, body, fields) => {
    const before = await stored('sintel');
    const answer = await store.put('contents/sintel/key', body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    expect(fieldsOf(answer)).toEqual(fields);
    expect(await stored('sintel')).toEqual(before);
  });

  it('needs a content, and heeds If-Match', async () => {
    for (const answer of [
      await store.put('contents/nothing/key', { key: hex(randomBytes(16)) }),
      await store.get('contents/nothing/key'),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([404, 'content-not-found']);
    }
    await make('matched');
    const put = (ifMatch: string) => store.put('contents/matched/key', { key: hex(randomBytes(16)) }, { ifMatch });
    const answers = await Promise.all([put('"1"'), put('"1"'), put('"1"')]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412]);
    expect((await put('"1"')).body.code).toBe('precondition-failed');
    expect((await put('"2"')).headers.etag).toBe('"3"');
  });

  it('a clear key is zeroed in memory, whether it is taken or not', async () => {
    const keys = service.app.get(ContentKeysService, { strict: false });
    const [taken, refused] = [new Uint8Array(randomBytes(16)), new Uint8Array(randomBytes(16))];
    await keys.put('sintel', { kind: 'clear', contentKey: taken }, () => true);
    await expect(keys.put('sintel', { kind: 'clear', contentKey: refused }, () => false)).rejects.toThrow(/If-Match/);
    expect([hex(taken), hex(refused)]).toEqual(['00'.repeat(16), '00'.repeat(16)]);
  });

  it('a clear key is found nowhere: not in the database, the log, or an answer', async () => {
    await make('secret');
    const keys = Array.from({ length: 7 }, () => randomBytes(16));
    const [good, twice, short, misplaced, elsewhere, broken, unlucky] = keys.map(hex);
    const statuses = [
      await store.put('contents/secret/key', { key: good }),
      await store.put('contents/secret/key', { key: twice, keyStorage: { kekId: 'test' } }),
      await store.put('contents/secret/key', { key: `${short}00` }),
      await store.put('contents/secret', { title: 'x', contentKey: misplaced }),
      await store.put('contents/nothing/key', { key: elsewhere }),
      await store.put('contents/secret/key', `{"key": "${broken}"`),
    ].map(({ status }) => status);
    await service.wires.postgres.stop();
    statuses.push((await store.put('contents/secret/key', { key: unlucky })).status);
    await service.wires.postgres.start();
    expect(statuses).toEqual([200, 400, 400, 400, 404, 400, 503]);
    await sell('secret');
    expect((await service.ask('zoe', { contentId: 'secret', drm: 'playready' })).status).toBe(200);

    const dump = await dumped(service);
    const wrapped = hex(wrapKey(NEWEST_KEK, keys[0] ?? randomBytes(16)));
    const answers = store.answers.join('\n');
    // Each place is looked into where something is to be found.
    expect(dump).toContain(wrapped);
    expect(service.log.text).toContain('/v1/admin/contents/secret/key');
    expect(answers).toContain('"kekId":"newest"');
    for (const [place, text] of Object.entries({ dump, log: service.log.text, answers })) {
      const found = keys.filter(
        (key) => text.toLowerCase().includes(hex(key)) || text.includes(key.toString('base64')),
      );
      expect([place, found.length]).toEqual([place, 0]);
    }
    for (const [place, text] of Object.entries({ log: service.log.text, answers })) {
      expect([place, text.includes(wrapped)]).toEqual([place, false]);
    }
  });
});
