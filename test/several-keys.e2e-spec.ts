// Titles with several keys, from the player's request to what the token carries.
import { randomBytes } from 'node:crypto';
import { unwrapKey, wrapKey } from '@app/expressplay';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ContentKeysRepository } from '../apps/entitlement/src/catalog/content-keys.repository.js';
import type { Track, TrackKeyValues } from '../apps/entitlement/src/catalog/content.js';
import { ctl } from './entitlementctl/command-line.js';
import { TestService } from './support/test-service.js';

const [KEK, OTHER_KEK] = [randomBytes(16), randomBytes(16)];
const [SD, HD, AUDIO, UNKNOWN] = ['5d', '4d', 'a0', 'ee'].map((byte) => byte.repeat(16)) as [
  string,
  string,
  string,
  string,
];
const IV = '1f'.repeat(16);
const PLAYREADY = { contentId: 'sintel', drm: 'playready' } as const;
const WIDEVINE = { contentId: 'sintel', drm: 'widevine' } as const;
const FAIRPLAY = { contentId: 'sintel', drm: 'fairplay' } as const;
const CONTENT_KEYS = new Map([SD, HD, AUDIO].map((kid) => [kid, randomBytes(16)]));

function key(
  kid: string,
  tracks: Track[],
  more: Partial<TrackKeyValues> & { kek?: 'old' | 'new' } = {},
): TrackKeyValues {
  const { kek = 'new', ...values } = more;
  const contentKey = CONTENT_KEYS.get(kid);
  const ek = contentKey && wrapKey(kek === 'new' ? KEK : OTHER_KEK, contentKey);
  const stored = ek === undefined ? null : ({ source: 'wrapped', kekId: kek, ek } as const);
  return { kid, tracks, iv: IV, outputPolicy: null, key: stored, ...values };
}

const SEVERAL = [key(SD, ['sd']), key(HD, ['hd', 'uhd1'], { outputPolicy: 'strict' }), key(AUDIO, ['audio'])];

let service: TestService;
const say = (keys: TrackKeyValues[]) =>
  service.app.get(ContentKeysRepository, { strict: false }).putAll('sintel', keys, undefined, () => true);
const carried = async (order: Parameters<TestService['issue']>[1]) =>
  service.carried((await service.issue('alice', order)).token);

beforeAll(async () => {
  const environment = {
    CONTENT_KEY_KEKS: `new=${KEK.toString('hex')},old=${OTHER_KEK.toString('hex')}`,
    TOKEN_LIMIT_PER_TITLE: '0',
  };
  service = await TestService.start({ environment });
});
afterAll(() => service.stop());
beforeEach(async () => {
  await service.database.query(`UPDATE content SET protection_scheme = 'cenc'`);
  await say(SEVERAL);
});

describe('a title with several keys', () => {
  it('has all of them in a Widevine token, each with its own levels and track', async () => {
    const asked = await carried(WIDEVINE);
    expect(asked).toMatchObject({
      'kid.0': SD,
      'securityLevel.0': '1',
      'hdcpOutputControl.0': '1',
      'trackType.0': '0',
      'kid.1': HD,
      'securityLevel.1': '5',
      'hdcpOutputControl.1': '2',
      'trackType.1': '3',
      'kid.2': AUDIO,
      'trackType.2': '2',
    });
    for (const name of ['kid', 'ek', 'securityLevel', 'hdcpOutputControl', 'trackType', 'kid.3']) {
      expect(asked).not.toHaveProperty([name]);
    }
  });

  it('has all of them in a PlayReady token, each with the output levels of its policy', async () => {
    expect(await carried(PLAYREADY)).toMatchObject({
      'kid.0': SD,
      'analogVideoOPL.0': '150',
      'kid.1': HD,
      'analogVideoOPL.1': '201',
      'kid.2': AUDIO,
      'analogVideoOPL.2': '150',
    });
    await say([key(HD, ['hd'], { outputPolicy: 'strict' }), key(SD, ['sd'])]);
    expect(await carried(PLAYREADY)).toMatchObject({ 'analogVideoOPL.0': '201', 'analogVideoOPL.1': '150' });
    await say([key(HD, [], { outputPolicy: 'strict' })]);
    expect(await carried(PLAYREADY)).toMatchObject({ kid: HD, analogVideoOPL: '201' });
    await say([key(SD, ['sd']), key(HD, ['hd'])]);
    const alike = await carried(PLAYREADY);
    expect(alike).toMatchObject({ 'kid.1': HD, analogVideoOPL: '150' });
    expect(alike).not.toHaveProperty(['analogVideoOPL.0']);
  });

  it('is answered with the keys and their tracks', async () => {
    expect((await service.issue('alice', PLAYREADY)).keys).toEqual([
      { kid: SD, tracks: ['sd'] },
      { kid: HD, tracks: ['hd', 'uhd1'] },
      { kid: AUDIO, tracks: ['audio'] },
    ]);
  });

  it('leaves out a key that is not known yet, and is not available when none is', async () => {
    await say([key(UNKNOWN, ['uhd2']), key(SD, ['sd'])]);
    const answer = await service.issue('alice', WIDEVINE);
    expect(answer.keys).toEqual([{ kid: SD, tracks: ['sd'] }]);
    const asked = await service.carried(answer.token);
    expect(asked).toMatchObject({ kid: SD });
    expect(asked).not.toHaveProperty('trackType');

    await say([key(UNKNOWN, ['uhd2'])]);
    const refused = await service.ask('alice', WIDEVINE);
    expect([refused.status, refused.body.code]).toEqual([409, 'drm-not-available']);
  });

  it('says algId to PlayReady when it is encrypted with CBCS', async () => {
    expect(await carried(PLAYREADY)).not.toHaveProperty('algId');
    await service.database.query(`UPDATE content SET protection_scheme = 'cbcs' WHERE id = 'sintel'`);
    expect(await carried(PLAYREADY)).toMatchObject({ algId: 'aescbc' });
    expect(await carried(WIDEVINE)).not.toHaveProperty('algId');
  });

  it('whose keys are wrapped under two KEKs, in the middle of a rotation, gets them together', async () => {
    await say([key(SD, ['sd'], { kek: 'old' }), key(HD, ['hd']), key(AUDIO, ['audio'], { kek: 'old' })]);
    for (const order of [PLAYREADY, WIDEVINE, { ...FAIRPLAY, kid: SD }]) {
      expect((await service.ask('alice', order)).status).toBe(200);
    }
    await say([key(SD, ['sd'], { key: { source: 'wrapped', kekId: 'old', ek: randomBytes(24) } }), key(HD, ['hd'])]);
    const broken = await service.ask('alice', WIDEVINE);
    expect([broken.status, broken.body.code]).toEqual([500, 'internal-error']);
    expect((await service.ledger()).at(-1)).toMatchObject({ decision: 'failed', reason: 'key-unavailable' });
  });
});

describe('the keys of a title', () => {
  it('that are said again while a rotation wraps them under another KEK are kept, in the new order', async () => {
    const env = {
      DATABASE_URL: service.database.url,
      CONTENT_KEY_KEKS: `new=${KEK.toString('hex')},old=${OTHER_KEK.toString('hex')}`,
    };
    await service.database.query(
      `UPDATE content_key SET kek_id = 'old', ek = NULL, source = 'key-storage' WHERE content_id <> 'sintel'`,
    );
    for (let round = 0; round < 5; round += 1) {
      await say([SD, HD, AUDIO].map((kid) => key(kid, [], { kek: 'old' })));
      const order = [AUDIO, SD, HD];
      const [rotation] = await Promise.all([
        ctl(['keys', 'rotate', '--to', 'new', '--batch', '2'], { env }),
        say(order.map((kid) => key(kid, [], { key: null }))),
      ]);
      expect(rotation).toMatchObject({ exitCode: 0 });
      const rows = await service.database.query<{ kid: string; kek_id: string; ek: Buffer }>(
        `SELECT kid, kek_id, ek FROM content_key WHERE content_id = 'sintel' ORDER BY position`,
      );
      expect(rows.map(({ kid, kek_id: kekId }) => [kid, kekId])).toEqual(order.map((kid) => [kid, 'new']));
      for (const { kid, ek } of rows) expect(Buffer.from(unwrapKey(KEK, ek))).toEqual(CONTENT_KEYS.get(kid));
    }
  });
});

describe('a FairPlay token', () => {
  it('is for the key that is named, in either case', async () => {
    const { keys, token } = await service.issue('alice', { ...FAIRPLAY, kid: HD.toUpperCase() });
    expect(keys).toEqual([{ kid: HD, tracks: ['hd', 'uhd1'] }]);
    const asked = await service.carried(token);
    expect(asked).toMatchObject({ iv: IV });
    expect(asked).not.toHaveProperty(['kid.0']);
  });

  it.each([
    ['none is named', undefined],
    ['one of another title is named', UNKNOWN],
  ])('is refused with the KIDs that may be named when %s, and starts no clock', async (_case, kid) => {
    const answer = await service.ask('bob', { ...FAIRPLAY, ...(kid === undefined ? {} : { kid }) });
    expect([answer.status, answer.body.code, answer.body.kids]).toEqual([409, 'kid-required', [SD, HD, AUDIO]]);
    expect((await service.ledger()).at(-1)).toMatchObject({
      decision: 'denied',
      reason: 'kid-required',
      first_play: false,
    });
    expect(await service.database.query('SELECT FROM token_reservation')).toEqual([]);
    const [rental] = await service.database.query(`SELECT first_play_at FROM purchase WHERE user_id = 'bob'`);
    expect(rental).toEqual({ first_play_at: null });
  });

  it('of a title with one key needs no name', async () => {
    await say([key(SD, [])]);
    expect((await service.issue('alice', FAIRPLAY)).keys).toEqual([{ kid: SD, tracks: [] }]);
    expect((await service.issue('alice', { ...FAIRPLAY, kid: SD })).keys).toEqual([{ kid: SD, tracks: [] }]);
  });

  it('is another one for each key, also when they are asked for at the same moment', async () => {
    const answers = await Promise.all([SD, HD, SD].map((kid) => service.issue('alice', { ...FAIRPLAY, kid })));
    expect(answers.map(({ keys }) => keys[0]?.kid)).toEqual([SD, HD, SD]);
    expect(answers[0]?.id).not.toBe(answers[1]?.id);
  });

  it.each([PLAYREADY, WIDEVINE])('is what a KID is named for: $drm takes none', async (order) => {
    const answer = await service.ask('alice', { ...order, kid: SD });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    expect(answer.body.errors).toEqual([{ field: 'kid', message: 'is for fairplay alone' }]);
  });

  it.each(['5d', 'x'.repeat(32), 7])('takes no KID that is %j', async (kid) => {
    const answer = await service.ask('alice', { ...FAIRPLAY, kid });
    expect(answer.body.errors).toEqual([{ field: 'kid', message: 'must be 32 hex digits' }]);
  });
});
