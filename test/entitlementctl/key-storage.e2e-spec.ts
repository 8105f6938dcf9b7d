// `entitlementctl keys push | pull | list --key-storage` between a real database and the emulator's key storage.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { wrapKey } from '@app/expressplay';
import { InterruptedError } from '../../apps/entitlement/src/cli/terminal/exit-codes.js';
import { authenticatorOf } from '../../apps/expressplay-emulator/src/testing/ask.js';
import { startEmulator, type RunningEmulator } from '../../apps/expressplay-emulator/src/testing/running-emulator.js';
import { TestDatabase } from '../support/test-database.js';
import { ctl, documentOf, type Outcome } from './command-line.js';

const KEK = Buffer.from(inject('kek'), 'hex');
const NEW = randomBytes(16);
const DEMO_KEYS = 5;

interface Row {
  content_id: string;
  kid: string;
  source: string;
  kek_id: string | null;
  ek: Buffer | null;
}

let database: TestDatabase;
let emulator: RunningEmulator;

beforeEach(async () => {
  database = await TestDatabase.create();
  emulator = await startEmulator(new Date('2026-11-28T10:00:00Z'));
});
afterEach(() => Promise.all([database.drop(), emulator.close()]));

interface CallOptions {
  env?: Record<string, string>;
  onStderr?: (text: string) => void;
  signal?: AbortSignal;
}

function keys(args: string[], { env = {}, onStderr, signal }: CallOptions = {}): Promise<Outcome> {
  const variables = {
    DATABASE_URL: database.url,
    CONTENT_KEY_KEKS: `test=${KEK.toString('hex')},new=${NEW.toString('hex')}`,
    EXPRESSPLAY_BASE_URL: emulator.url,
    EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: authenticatorOf('good'),
    ...env,
  };
  return ctl(['keys', ...args], { env: variables, onStderr, signal, terminal: onStderr !== undefined });
}

async function report(...args: string[]): Promise<Record<string, unknown>> {
  const outcome = await keys([...args, '--json']);
  return { exitCode: outcome.exitCode, ...(documentOf(outcome) as object) };
}

async function storage(method = 'GET', path = '', body?: object): Promise<Record<string, string>[]> {
  const query = new URLSearchParams({ customerAuthenticator: authenticatorOf('good') }).toString();
  const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await fetch(`${emulator.url}/keystore/keys${path}?${query}`, init);
  return response.status === 204 ? [] : ((await response.json()) as Record<string, string>[]);
}

const rows = (): Promise<Row[]> => database.query<Row>('SELECT * FROM content_key ORDER BY content_id, position');
const rowOf = async (contentId: string): Promise<Row> => (await rows()).find((row) => row.content_id === contentId)!;
const hex = (bytes: Uint8Array | null): string =>
  Buffer.from(bytes ?? [])
    .toString('hex')
    .toUpperCase();
const named = ({ content_id: contentId, kid }: Row): object => ({ contentId, kid });
const versionOf = async (contentId: string): Promise<unknown> =>
  (await database.query('SELECT version FROM content WHERE id = $1', [contentId]))[0]?.['version'];

describe('push', () => {
  it('stores every wrapped key as it is, finds nothing to do the next time, and changes no catalogue', async () => {
    const before = await rows();
    expect(await report('push')).toEqual({
      exitCode: 0,
      dryRun: false,
      pushed: DEMO_KEYS,
      unchanged: 0,
      missing: [],
      refused: [],
    });
    const stored = (await storage()).map(({ kid, kekId, ek, contentId }) => [kid?.toLowerCase(), kekId, ek, contentId]);
    expect(stored).toEqual(before.map(({ kid, kek_id, ek, content_id }) => [kid, kek_id, hex(ek), content_id]));
    expect((await keys(['push'])).stdout).toBe('0 content key(s) were stored, 5 were there.\n');
    expect(await rows()).toEqual(before);
  });

  it('stores those of some titles', async () => {
    expect(await report('push', 'sintel', 'tears-of-steel')).toMatchObject({ pushed: 2 });
    expect((await storage()).map(({ contentId }) => contentId)).toEqual(['sintel', 'tears-of-steel']);
    const { exitCode, stderr } = await keys(['push', 'sintel', 'nothing', 'never']);
    expect([exitCode, stderr]).toEqual([2, 'The catalogue does not have nothing, never.\n']);
  });

  it('says in a dry run what it would do', async () => {
    const { exitCode, stdout } = await keys(['push', '--dry-run']);
    expect([exitCode, stdout]).toEqual([
      0,
      'A dry run: 5 content key(s) would be stored, 0 are there. Nothing was changed.\n',
    ]);
    expect(await storage()).toEqual([]);
  });

  it('stores a key again that was wrapped under another KEK', async () => {
    await keys(['push']);
    await keys(['rotate', '--to', 'new']);
    expect(await report('push')).toMatchObject({ exitCode: 0, pushed: DEMO_KEYS });
    expect((await storage()).map(({ kekId }) => kekId)).toEqual(Array.from({ length: DEMO_KEYS }, () => 'new'));
  });

  it('leaves another key, one that nobody can read, and those of the catalogue that it cannot read', async () => {
    const [other, unreadable] = [await rowOf('sintel'), await rowOf('tears-of-steel')];
    await storage('POST', '', { kid: other.kid, kekId: 'test', ek: hex(wrapKey(KEK, randomBytes(16))) });
    await storage('POST', '', { kid: unreadable.kid, ek: hex(wrapKey(randomBytes(16), randomBytes(16))) });
    await database.query(`UPDATE content_key SET kek_id = 'lost' WHERE content_id = 'big-buck-bunny'`);
    await database.query(`UPDATE content_key SET ek = $1 WHERE content_id = 'elephants-dream'`, [randomBytes(24)]);
    const before = await storage();
    expect(await report('push')).toMatchObject({
      exitCode: 1,
      pushed: 1,
      refused: [
        { ...named(await rowOf('big-buck-bunny')), reason: 'unknown-kek' },
        { ...named(await rowOf('elephants-dream')), reason: 'wrong-kek' },
        { ...named(other), reason: 'other-key' },
        { ...named(unreadable), reason: 'stored-unreadable' },
      ],
    });
    expect((await storage()).slice(0, 2)).toEqual(before);
    const { stdout } = await keys(['push']);
    expect(stdout).toContain(
      `sintel (${other.kid}): the catalogue and the key storage have different keys under this KID\n`,
    );
    expect(stdout).toMatch(/\n4 content key\(s\) were left\.\n$/);
  });

  it('that is interrupted goes on where it was', async () => {
    const ending = new AbortController();
    const onStderr = (text: string) => {
      if (text.includes('2 content keys')) ending.abort(new InterruptedError(130));
    };
    expect(await keys(['push'], { onStderr, signal: ending.signal })).toMatchObject({ exitCode: 130, stdout: '' });
    expect(await storage()).toHaveLength(2);
    expect(await report('push')).toMatchObject({ pushed: 3, unchanged: 2 });
  });
});

describe('pull', () => {
  it('brings every key back that was pushed', async () => {
    const before = await rows();
    await keys(['push']);
    const version = await versionOf('sintel');
    await database.query(`UPDATE content_key SET ek = NULL, kek_id = NULL`);
    expect(await keys(['pull', '--dry-run'])).toMatchObject({
      exitCode: 0,
      stdout: 'A dry run: 5 content key(s) would be taken into the catalogue, 0 need none. Nothing was changed.\n',
    });
    expect((await rows()).map(({ ek }) => ek)).toEqual([null, null, null, null, null]);
    expect(await report('pull', 'sintel')).toMatchObject({ exitCode: 0, pulled: 1, unchanged: 0 });
    expect(await versionOf('sintel')).toBe(Number(version) + 1);
    expect(await report('pull')).toMatchObject({ exitCode: 0, pulled: 4, unchanged: 1 });
    const seen = ({ kid, source, kek_id, ek }: Row) => [kid, source, kek_id, hex(ek)];
    expect((await rows()).map(seen)).toEqual(before.map(seen));
    expect(await report('pull')).toMatchObject({ exitCode: 0, pulled: 0, unchanged: DEMO_KEYS });
  });

  it('takes a key out of the key storage that the catalogue has there, under the KEK that unwraps it', async () => {
    const { kid, ek } = await rowOf('sintel');
    await database.query(`UPDATE content_key SET source = 'key-storage', ek = NULL WHERE kid = $1`, [kid]);
    await storage('POST', '', { kid: kid.toUpperCase(), ek: hex(ek), kekId: 'a name of somebody else' });
    expect(await report('pull', 'sintel')).toMatchObject({ exitCode: 0, pulled: 1 });
    expect(await rowOf('sintel')).toMatchObject({ source: 'wrapped', kek_id: 'test', ek });
  });

  it('refuses what no KEK unwraps and what is another key, and names what is nowhere', async () => {
    const [unreadable, other, nowhere] = [
      await rowOf('sintel'),
      await rowOf('tears-of-steel'),
      await rowOf('big-buck-bunny'),
    ];
    const wrapped = wrapKey(randomBytes(16), randomBytes(16));
    await database.query(`UPDATE content_key SET ek = NULL, kek_id = NULL WHERE kid = ANY($1)`, [
      [unreadable.kid, nowhere.kid],
    ]);
    await storage('POST', '', { kid: unreadable.kid, ek: hex(wrapped), kekId: 'test' });
    await storage('POST', '', { kid: other.kid, ek: hex(wrapKey(NEW, randomBytes(16))), kekId: 'new' });
    const before = await rows();
    expect(await report('pull')).toMatchObject({
      exitCode: 1,
      pulled: 0,
      missing: [named(nowhere)],
      refused: [
        { ...named(unreadable), reason: 'stored-unreadable' },
        { ...named(other), reason: 'other-key' },
      ],
    });
    expect(await rows()).toEqual(before);
    const { stdout } = await keys(['pull']);
    expect(stdout).toContain(
      `big-buck-bunny (${nowhere.kid}): neither the catalogue nor the key storage has its key\n`,
    );
    expect(stdout).toContain(
      `sintel (${unreadable.kid}): no KEK of CONTENT_KEY_KEKS unwraps the key in the key storage\n`,
    );
  });
});

describe('list --key-storage', () => {
  it('says what is there and what is not, and fails where a title needs that', async () => {
    expect((await keys(['list', '--key-storage'])).stdout).toBe(
      'The key storage is empty.\n5 content key(s) of the catalogue are not there.\n',
    );
    const { kid } = await rowOf('sintel');
    await keys(['push', 'sintel']);
    const foreign = randomBytes(16).toString('hex');
    await storage('POST', '', { kid: foreign, ek: hex(wrapKey(randomBytes(16), randomBytes(16))), kekId: 'x' });
    const lastUpdate = '2026-11-28T10:00:00.000Z';
    const found = await report('list', '--key-storage');
    expect(found).toMatchObject({
      exitCode: 0,
      stored: [
        { kid, kekId: 'test', unwrapsUnder: 'test', contentId: 'sintel', lastUpdate },
        { kid: foreign, kekId: 'x', unwrapsUnder: null, contentId: null, lastUpdate },
      ],
    });
    expect((found['missing'] as unknown[]).length).toBe(DEMO_KEYS - 1);
    const needed = await rowOf('tears-of-steel');
    await database.query(`UPDATE content_key SET source = 'key-storage', ek = NULL WHERE kid = $1`, [needed.kid]);
    const { exitCode, stdout } = await keys(['list', '--key-storage']);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(new RegExp(`\n${foreign}  -       x     NO             2026-11-28T10:00:00.000Z\n`));
    expect(stdout).toContain(`tears-of-steel (${needed.kid}): it is nowhere else, so the title cannot be played\n`);
  });
});

describe('without an answer', () => {
  it.each([['push'], ['pull'], ['list', '--key-storage']])(
    '%s says what is wrong, without the URL that holds the authenticator, and no key',
    async (...args) => {
      const outcomes = [
        await keys(args, { env: { EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: authenticatorOf('disabled'), DEBUG: '1' } }),
        await keys(args, { env: { EXPRESSPLAY_BASE_URL: 'http://127.0.0.1:9', DEBUG: '1' } }),
      ];
      expect(outcomes.map(({ exitCode, stderr }) => [exitCode, stderr.split('\n', 1)[0]])).toEqual([
        [3, expect.stringMatching(/^ExpressPlay refused the request: -2031 /)],
        [3, 'ExpressPlay could not be asked: no connection could be made (ECONNREFUSED).'],
      ]);
      const said = outcomes.map(({ stdout, stderr }) => stdout + stderr).join('');
      expect(said).not.toMatch(
        /customerAuthenticator|d15ab1ed000000000000000000000001|1ad8eed133edf43cbcc185f0236828ae/,
      );
      for (const secret of [KEK, NEW]) expect(said).not.toContain(secret.toString('hex'));
    },
  );

  it('names the variables that are not set', async () => {
    const { exitCode, stderr } = await ctl(['keys', 'push']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /DATABASE_URL: is not set.+EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: is not set.+CONTENT_KEY_KEKS: is not set/s,
    );
  });
});
