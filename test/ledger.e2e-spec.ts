import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestService } from './support/test-service.js';

describe('the ledger', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it('has one row for each decision, under the id the player and ExpressPlay know', async () => {
    const bob = await service.ask('bob', { contentId: 'sintel', drm: 'playready' });
    service.clock.advance(60);
    await service.ask('carol', { contentId: 'sintel', drm: 'fairplay' });
    const [granted, denied, ...more] = await service.ledger();
    expect(more).toEqual([]);
    expect(granted).toMatchObject({
      id: bob.body.id,
      user_id: 'bob',
      content_id: 'sintel',
      drm: 'playready',
      decision: 'granted',
      reason: null,
      rights_type: 'rental',
      play_duration_seconds: 172_800,
      first_play: true,
      request_id: bob.headers['x-request-id'],
    });
    expect((await service.carried(bob.body.token)).cookie).toBe(granted?.id);
    expect(denied).toMatchObject({
      user_id: 'carol',
      drm: 'fairplay',
      decision: 'denied',
      reason: 'rental-period-ended',
    });
  });

  it('knows one first play of a rental, whoever asks at the same time', async () => {
    await service.database.query(
      `UPDATE purchase SET revoked_at = now(), revocation_reason = 'refund' WHERE user_id = 'bob'`,
    );
    await service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds)
       VALUES ('another', 'bob', 'sintel', 'rental', now(), now() + interval '10 days', 3600)`,
    );
    const drms = ['playready', 'fairplay', 'widevine'];
    const answers = await Promise.all(
      Array.from({ length: 21 }, (_, index) => service.ask('bob', { contentId: 'sintel', drm: drms[index % 3] })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const rows = await service.database.query<{ id: string; first_play: boolean }>(
      `SELECT issuance.id, first_play FROM issuance JOIN purchase ON purchase.id = purchase_id WHERE external_id = 'another'`,
    );
    expect(rows.filter(({ first_play: first }) => first)).toHaveLength(1);
    // Identical requests share a token: an answer's row is there, and no other.
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(answers.map(({ body }) => body.id as string)));
  });

  it('a first play, once written, cannot be moved by anybody', async () => {
    const move = service.database.query(`UPDATE purchase SET first_play_at = now() WHERE external_id = 'another'`);
    await expect(move).rejects.toThrow(/written once and never moved/);
  });
});

describe('the ledger is append-only, whoever asks', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
    await service.ask('alice', { contentId: 'sintel', drm: 'playready' });
  });
  afterAll(() => service.stop());

  it.each([
    ['an update', `UPDATE issuance SET user_id = 'somebody'`],
    ['a delete', 'DELETE FROM issuance'],
    ['a truncation', 'TRUNCATE issuance'],
    ['an update of one month', `UPDATE issuance_other SET user_id = 'x'; UPDATE issuance SET note = 'x'`],
  ])('refuses %s', async (_name, statement) => {
    await expect(service.database.query(statement)).rejects.toThrow(/append-only/);
    expect(await service.ledger()).toHaveLength(1);
  });

  it('keeps each month apart, and has a place for any moment', async () => {
    const [row] = await service.database.query<{ partition: string }>(
      'SELECT tableoid::regclass::text AS partition FROM issuance',
    );
    expect(row?.partition).toMatch(/^issuance_\d{4}_\d{2}$/);
    service.clock.advance(-20 * 365 * 24 * 3600);
    await service.ask('frank', { contentId: 'sintel', drm: 'playready' });
    expect(await service.database.query(`SELECT user_id FROM issuance_other`)).toEqual([{ user_id: 'frank' }]);
  });
});

describe('the database guards itself', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  const purchase = (columns: string, values: string) =>
    `INSERT INTO purchase (external_id, user_id, content_id, purchased_at, ${columns}) VALUES ('x', 'u', 'sintel', now(), ${values})`;

  it.each([
    [
      'two purchases of one order',
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at)
       SELECT external_id, 'u', 'sintel', 'buy-to-own', now() FROM purchase LIMIT 1`,
      /purchase_external_id_key/,
    ],
    ['a rental without terms', purchase('type', `'rental'`), /purchase_rental_terms_check/],
    [
      'a purchase to own with terms',
      purchase('type, period_ends_at', `'buy-to-own', now()`),
      /purchase_rental_terms_check/,
    ],
    [
      'a rental of no duration',
      purchase('type, period_ends_at, play_duration_seconds', `'rental', now(), 0`),
      /play_duration_seconds_check/,
    ],
    [
      'a first play of a purchase to own',
      purchase('type, first_play_at', `'buy-to-own', now()`),
      /purchase_first_play_at_check/,
    ],
    [
      'a purchase of no title',
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at)
       VALUES ('x', 'u', 'nothing', 'buy-to-own', now())`,
      /purchase_content_id_fkey/,
    ],
    ['an OPL of 1000', `UPDATE output_policy SET analog_video_opl = 1000`, /output_policy_opl_check/],
    ['a KID of 31 digits', `UPDATE content_key SET kid = left(kid, 31)`, /content_key_kid_check/],
    ['a wrapped key that is no 24 bytes', `UPDATE content_key SET ek = 'short'`, /content_key_ek_length_check/],
    ['a wrapped key that is absent', `UPDATE content_key SET ek = NULL`, /content_key_ek_check/],
  ])('against %s', async (_name, statement, constraint) => {
    await expect(service.database.query(statement)).rejects.toThrow(constraint);
  });
});
