// Keys that a store hands in while KEKs are being changed.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { wrapKey } from '@app/expressplay';
import { MountedSecrets } from '../../libs/platform/src/configuration/testing.js';
import { TestService } from '../support/test-service.js';
import { CatalogueClient, fieldsOf } from './catalogue-client.js';

const NEWEST_KEK = randomBytes(16);
const OLD_KEK = Buffer.from(inject('kek'), 'hex');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('while KEKs are changed', () => {
  let mount: MountedSecrets;
  let service: TestService;
  let store: CatalogueClient;
  beforeAll(async () => {
    mount = new MountedSecrets({ keks: `test=${hex(OLD_KEK)}` });
    const environment = { CONTENT_KEY_KEKS: '', CONTENT_KEY_KEKS_FILE: mount.path('keks') };
    service = await TestService.start({ environment });
    store = new CatalogueClient(service);
  });
  afterAll(async () => {
    await service.stop();
    mount.remove();
  });

  it('a key that is put while a rotation replaces it waits for the rotation, and neither fails', async () => {
    const { database } = service;
    const version = Number((await store.get('contents/sintel')).body.version);
    // The two halves of a rotation's statement, which locks the key before its content.
    await database.query('BEGIN');
    await database.query(`UPDATE content_key SET kek_id = 'rotated' WHERE content_id = 'sintel'`);
    const put = store.put('contents/sintel/key', { key: hex(randomBytes(16)) });
    await expect
      .poll(async () => {
        const [row] = await database.query<{ waiting: number }>(
          `SELECT count(*)::int AS waiting FROM pg_locks
           WHERE NOT granted AND transactionid::text = pg_current_xact_id_if_assigned()::text`,
        );
        return row?.waiting;
      })
      .toBe(1);
    await database.query(`UPDATE content SET version = version + 1 WHERE id = 'sintel'`);
    await database.query('COMMIT');
    const answer = await put;
    expect([answer.status, answer.headers.etag]).toEqual([200, `"${version + 2}"`]);
    expect(answer.body).toEqual({ source: 'wrapped', kekId: 'test' });
  });

  it('a KEK that is swapped in is known to the very next key that names it', async () => {
    const body = { ek: hex(wrapKey(NEWEST_KEK, randomBytes(16))), kekId: 'newest' };
    const early = await store.put('contents/sintel/key', body);
    expect([early.status, fieldsOf(early)]).toEqual([400, ['kekId']]);
    mount.swap({ keks: `newest=${hex(NEWEST_KEK)},test=${hex(OLD_KEK)}` });
    const put = await store.put('contents/sintel/key', body);
    expect([put.status, put.body]).toEqual([200, { source: 'wrapped', kekId: 'newest' }]);
  });
});
