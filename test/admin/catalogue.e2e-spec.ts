import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestService } from '../support/test-service.js';
import { CatalogueClient, fieldsOf } from './catalogue-client.js';

const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const content = (more: object = {}) => ({ title: 'Spring', kid: hex(16), outputPolicy: 'hd', ...more });
const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).toSorted((a, b) => a - b);
const OPLS = {
  analogVideoOpl: 100,
  compressedDigitalAudioOpl: 200,
  compressedDigitalVideoOpl: 300,
  uncompressedDigitalAudioOpl: 999,
  uncompressedDigitalVideoOpl: 0,
};
const POLICY = { ...OPLS, offlineAllowed: false };

describe('the catalogue, kept by a store', () => {
  let service: TestService;
  let store: CatalogueClient;
  beforeAll(async () => {
    service = await TestService.start();
    store = new CatalogueClient(service);
  });
  afterAll(() => service.stop());

  describe('contents', () => {
    it('are made by the first PUT, and read as they were written', async () => {
      const [kid, iv] = [hex(16), hex(16)];
      const body = {
        ...content({ kid: kid.toUpperCase(), iv: iv.toUpperCase() }),
        availableFrom: '2027-01-01T01:00:00+01:00',
      };
      const made = await store.put('contents/spring', body);
      const expected = {
        id: 'spring',
        title: 'Spring',
        kid,
        iv,
        outputPolicy: 'hd',
        availableFrom: '2027-01-01T00:00:00.000Z',
        withdrawnAt: null,
        protectionScheme: 'cenc',
        key: { source: null, kekId: null },
        keys: [{ kid, tracks: [], iv, outputPolicy: null, key: { source: null, kekId: null } }],
        version: 1,
      };
      expect([made.status, made.headers.etag, made.headers['cache-control']]).toEqual([201, '"1"', 'no-store']);
      expect(made.body).toEqual(expected);
      const read = await store.get('contents/spring');
      expect([read.status, read.headers.etag, read.headers['cache-control']]).toEqual([200, '"1"', 'no-store']);
      expect(read.body).toEqual(expected);
    });

    it('keep their version when nothing changes, and count each change', async () => {
      const body = content({ iv: hex(16), withdrawnAt: '2030-01-01T00:00:00.123Z' });
      expect((await store.put('contents/agent', body)).status).toBe(201);
      const [before] = await service.database.query(`SELECT * FROM content WHERE id = 'agent'`);
      service.clock.advance(60);
      const again = await store.put('contents/agent', { ...body, kid: body.kid.toUpperCase(), availableFrom: null });
      expect([again.status, again.headers.etag]).toEqual([200, '"1"']);
      expect(await service.database.query(`SELECT * FROM content WHERE id = 'agent'`)).toEqual([before]);

      const changed = await store.put('contents/agent', { ...body, iv: null });
      expect([changed.status, changed.headers.etag, changed.body.iv]).toEqual([200, '"2"', null]);
      expect((await store.get('contents/agent')).body).toEqual(changed.body);
    });

    it('take the shortest and the longest of everything', async () => {
      const id = `0a-${'z.-_A'.repeat(25)}`;
      const title = '𝄞'.repeat(300);
      const moments = { availableFrom: '1970-01-01T00:00:00.000Z', withdrawnAt: '9999-12-31T23:59:59.999Z' };
      const made = await store.put(`contents/${id}`, content({ title, ...moments }));
      expect([made.status, made.body]).toMatchObject([201, { id, title, ...moments }]);
      expect((await store.get(`contents/${id}`)).body).toEqual(made.body);
    });

    it.each([
      ['nothing at all', () => ({}), ['outputPolicy', 'title']],
      ['an empty title', () => content({ title: '' }), ['title']],
      ['a title of 301 characters', () => content({ title: 'x'.repeat(301) }), ['title']],
      ['a title with a NUL', () => content({ title: 'a\0' }), ['title']],
      ['a title with half a character', () => content({ title: 'a\ud800' }), ['title']],
      ['a title that is a number', () => content({ title: 7 }), ['title']],
      ['a KID of 31 digits', () => content({ kid: hex(16).slice(1) }), ['kid']],
      ['a KID that is no hex', () => content({ kid: 'g'.repeat(32) }), ['kid']],
      ['an IV without the KID it goes with', () => content({ kid: null, iv: hex(16) }), ['kid']],
      ['a scheme that is not taken', () => content({ protectionScheme: 'cens' }), ['protectionScheme']],
      ['an IV of 31 digits', () => content({ iv: hex(16).slice(1) }), ['iv']],
      ['a name that no policy can have', () => content({ outputPolicy: 'h d' }), ['outputPolicy']],
      ['a policy that is not there', () => content({ outputPolicy: 'nothing' }), ['outputPolicy']],
      ['a moment without an offset', () => content({ availableFrom: '2026-11-21T10:00:00' }), ['availableFrom']],
      ['the 30th of February', () => content({ withdrawnAt: '2026-02-30T10:00:00Z' }), ['withdrawnAt']],
      ['a moment in the year 10000', () => content({ withdrawnAt: '9999-12-31T23:59:59-01:00' }), ['withdrawnAt']],
      ['a moment in the year 1969', () => content({ availableFrom: '1970-01-01T00:00:00+01:00' }), ['availableFrom']],
      ['a moment that is a number', () => content({ availableFrom: 1 }), ['availableFrom']],
      ['unknown fields', () => content({ id: 'x', contentKey: hex(16) }), ['contentKey', 'id']],
      ['a list', () => [content()], ['0', 'outputPolicy', 'title']],
      [
        'several at once',
        () => content({ title: 1, kid: 2, iv: 3, availableFrom: 4 }),
        ['availableFrom', 'iv', 'kid', 'title'],
      ],
    ])('refuse %s by name', async (_name, body, fields) => {
      const answer = await store.put('contents/refused', body());
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
      expect(fieldsOf(answer).sort()).toEqual(fields);
      expect((await store.get('contents/refused')).body.code).toBe('content-not-found');
    });

    it("refuse another content's KID, for a new content and for one that is there", async () => {
      const [one, other] = [content(), content()];
      await store.put('contents/one', one);
      await store.put('contents/other', other);
      for (const id of ['third', 'other']) {
        const answer = await store.put(`contents/${id}`, { ...other, kid: one.kid.toUpperCase() });
        expect([answer.status, fieldsOf(answer)]).toEqual([400, ['kid']]);
      }
      expect((await store.get('contents/other')).body).toMatchObject({ kid: other.kid, version: 1 });
    });

    it.each(['-x', 'a b', 'a%2Fb', 'x%00', 'x'.repeat(129)])('refuse the id %s', async (id) => {
      for (const answer of [await store.put(`contents/${id}`, content()), await store.get(`contents/${id}`)]) {
        expect([answer.status, fieldsOf(answer)]).toEqual([400, ['contentId']]);
      }
    });
  });

  describe('what came in between', () => {
    it('is told by If-Match, for contents and policies alike', async () => {
      for (const [path, body, change] of [
        ['contents/guarded', content(), { title: 'Another' }],
        ['output-policies/guarded', POLICY, { offlineAllowed: true }],
      ] as const) {
        const absent = await store.put(path, body, { ifMatch: '*' });
        expect([absent.status, absent.body.code]).toEqual([412, 'precondition-failed']);
        expect((await store.put(path, body, { ifMatch: '"1"' })).status).toBe(412);
        await store.put(path, body);
        for (const ifMatch of ['"2"', 'W/"1"', '"x"', '""']) {
          const stale = await store.put(path, { ...body, ...change }, { ifMatch });
          expect([ifMatch, stale.status, stale.body.code]).toEqual([ifMatch, 412, 'precondition-failed']);
        }
        expect((await store.get(path)).body.version).toBe(1);
        expect((await store.put(path, { ...body, ...change }, { ifMatch: '"7", "1"' })).headers.etag).toBe('"2"');
        expect((await store.put(path, body, { ifMatch: '*' })).headers.etag).toBe('"3"');
      }
    });

    it.each(['1', '"1', '"1" "2"', '', '"1",'])('is not asked for by If-Match: %s', async (ifMatch) => {
      const answer = await store.put('output-policies/guarded', POLICY, { ifMatch });
      expect([answer.status, fieldsOf(answer)]).toEqual([400, ['If-Match']]);
    });

    it('is settled among writers at the same time: one wins under If-Match, all in turn without', async () => {
      const body = content();
      const titles = ['a', 'b', 'c', 'd', 'e', 'f'];
      const write = (ifMatch?: string) =>
        Promise.all(titles.map((title) => store.put('contents/contended', { ...body, title }, { ifMatch })));
      const free = await write();
      expect(statuses(free)).toEqual([200, 200, 200, 200, 200, 201]);
      expect(new Set(free.map((answer) => answer.body.version as number))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
      await store.put('contents/contended', { ...body, title: 'z' });
      const guarded = await write('"7"');
      expect(statuses(guarded)).toEqual([200, 412, 412, 412, 412, 412]);
      expect((await store.get('contents/contended')).body.version).toBe(8);
    });

    it.each([
      ['is found by the one that comes second', 'raced', 200],
      ['takes the KID from the one that comes second', 'faster', 400],
    ])('a content that is being made %s', async (_name, id, status) => {
      const { database } = service;
      const body = content();
      await database.query('BEGIN');
      await database.query(
        `WITH made AS (INSERT INTO content (id, title, output_policy_name) VALUES ($1, 'First', 'hd') RETURNING id)
         INSERT INTO content_key (content_id, kid) SELECT id, $2 FROM made`,
        [id, body.kid],
      );
      const second = store.put('contents/raced', body);
      const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      // Within a transaction the view would stand still.
      await database.query('SET LOCAL stats_fetch_consistency = none');
      while ((await database.query(waiting)).length === 0) await setImmediate();
      await database.query('COMMIT');
      const answer = await second;
      expect([answer.status, fieldsOf(answer)]).toEqual([status, status === 400 ? ['kid'] : []]);
      if (status === 200) expect(answer.body).toMatchObject({ title: 'Spring', version: 2 });
      await database.query(`DELETE FROM content WHERE id = $1`, [id]);
    });
  });
});
