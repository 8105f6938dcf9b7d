// `entitlementctl keys rotate` against a real database: what it leaves behind when it is interrupted, doubled, or meets surprises.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { unwrapKey, wrapKey } from '@app/expressplay';
import { InterruptedError } from '../../apps/entitlement/src/cli/terminal/exit-codes.js';
import { TestDatabase } from '../support/test-database.js';
import { ctl, type Outcome } from './command-line.js';

const OLD = Buffer.from(inject('kek'), 'hex');
const NEW = randomBytes(16);
const KEKS: ReadonlyMap<string, Buffer> = new Map([
  ['new', NEW],
  ['test', OLD],
]);
const DEMO_TITLES = 5;

interface Row {
  content_id: string;
  source: string;
  kek_id: string;
  ek: Buffer | null;
  updated_at: Date;
}

let database: TestDatabase;

beforeEach(async () => {
  database = await TestDatabase.create();
});
afterEach(() => database.drop());

function rotate(
  args: string[] = ['--to', 'new'],
  onStderr?: (text: string) => void,
  signal?: AbortSignal,
): Promise<Outcome> {
  const text = [...KEKS].map(([id, kek]) => `${id}=${kek.toString('hex')}`).join(',');
  const env = { DATABASE_URL: database.url, CONTENT_KEY_KEKS: text };
  // The progress is for terminals.
  return ctl(['keys', 'rotate', ...args], { env, onStderr, signal, terminal: true });
}

const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);
const progressOf = ({ stderr }: Outcome): string[] => stderr.split('\r\u001b[K').filter((text) => text !== '');

const rows = (): Promise<Row[]> => database.query<Row>('SELECT * FROM content_key ORDER BY content_id');

/** Every content key in the clear, by its content; it fails when one is not wrapped under the KEK that its row names. */
async function contentKeys(): Promise<Map<string, string>> {
  const wrapped = (await rows()).flatMap(({ content_id: id, kek_id: kekId, ek }) =>
    ek === null ? [] : [{ id, kekId, ek }],
  );
  const clear = ({ kekId, ek }: { kekId: string; ek: Buffer }): Uint8Array => unwrapKey(KEKS.get(kekId) ?? ek, ek);
  return new Map(wrapped.map((row) => [row.id, Buffer.from(clear(row)).toString('hex')]));
}

const kekIds = async (): Promise<string[]> => (await rows()).map((row) => row.kek_id);
const all = (id: string): string[] => Array.from({ length: DEMO_TITLES }, () => id);

describe('a rotation', () => {
  it('wraps every key under the new KEK, tells its progress, and finds nothing to do the next time', async () => {
    const before = await contentKeys();
    const first = await rotate(['--to', 'new', '--batch', '2']);
    expect(await kekIds()).toEqual(all('new'));
    expect(await contentKeys()).toEqual(before);
    expect(first.exitCode).toBe(0);
    expect(progressOf(first)).toEqual(['2 of 5 content keys', '4 of 5 content keys', '5 of 5 content keys']);
    expect(linesOf(first.stdout)).toEqual([
      '5 content key(s) are wrapped under new now.',
      'No key in this database is wrapped under another KEK any more.',
    ]);
    const after = await rows();
    const second = await rotate(['--to', 'new', '--json']);
    expect(JSON.parse(second.stdout)).toEqual({ to: 'new', dryRun: false, rotated: 0, unreadable: [], keyStorage: [] });
    expect(await rows()).toEqual(after);
  });

  it('tells in a dry run what it would do, and changes nothing', async () => {
    const before = await rows();
    const { stdout } = await rotate(['--to', 'new', '--dry-run']);
    expect(linesOf(stdout).at(-1)).toBe('A dry run: 5 content key(s) would be wrapped under new. Nothing was changed.');
    expect(await rows()).toEqual(before);
    // Rows are there for sessions alone that cannot write.
    await database.query('ALTER TABLE content_key RENAME TO kept');
    await database.query(
      "CREATE VIEW content_key AS SELECT * FROM kept WHERE current_setting('transaction_read_only') = 'on'",
    );
    expect((await rotate(['--to', 'new', '--dry-run'])).stdout).toBe(stdout);
  });

  it('that is interrupted leaves every key readable, and goes on where it was', async () => {
    const before = await contentKeys();
    const ending = new AbortController();
    const stopAtFour = (text: string) => {
      if (text.includes('4 of')) ending.abort(new InterruptedError(130));
    };
    const { exitCode, stdout, stderr } = await rotate(['--to', 'new', '--batch', '2'], stopAtFour, ending.signal);
    expect([exitCode, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/Interrupted\.\n$/);
    expect((await kekIds()).filter((id) => id === 'new')).toHaveLength(4);
    expect(await contentKeys()).toEqual(before);
    expect(progressOf(await rotate())[0]).toBe('1 of 1 content keys');
    expect(await kekIds()).toEqual(all('new'));
    expect(await contentKeys()).toEqual(before);
  });

  it('that runs twice at once does each key once', async () => {
    const before = await contentKeys();
    const once = ['--to', 'new', '--batch', '1', '--json'];
    const outcomes = await Promise.all([rotate(once), rotate(once)]);
    const done = outcomes.map(({ stdout }) => (JSON.parse(stdout) as { rotated: number }).rotated);
    expect(done.reduce((sum, count) => sum + count, 0)).toBe(DEMO_TITLES);
    expect(await contentKeys()).toEqual(before);
  });

  it('does not overwrite a key that is replaced meanwhile, and rotates the new one', async () => {
    const key = randomBytes(16);
    // The rotation does not get past this row before the other one is replaced.
    await database.query('BEGIN');
    await database.query(`SELECT FROM content_key WHERE content_id = 'tears-of-steel' FOR UPDATE`);
    const replace = async () => {
      // Behind the place that the rotation has got to.
      await database.query(`UPDATE content_key SET kek_id = 'test', ek = $1 WHERE content_id = 'big-buck-bunny'`, [
        wrapKey(OLD, key),
      ]);
      await database.query('COMMIT');
    };
    let replaced: Promise<void> | undefined;
    await rotate(['--to', 'new', '--batch', '1'], () => {
      replaced ??= replace();
    });
    await replaced;
    expect(await kekIds()).toEqual(all('new'));
    expect((await contentKeys()).get('big-buck-bunny')).toBe(key.toString('hex'));
  });

  it('wraps every key of a title with several, and goes on with the next one of it', async () => {
    const before = await contentKeys();
    const more = Array.from({ length: 3 }, () => randomBytes(16));
    for (const [index, key] of more.entries()) {
      await database.query(
        `INSERT INTO content_key (content_id, kid, position, kek_id, ek) VALUES ('sintel', $1, $2, 'test', $3)`,
        [randomBytes(16).toString('hex'), index + 1, wrapKey(OLD, key)],
      );
    }
    await database.query(`INSERT INTO content_key (content_id, kid, position) VALUES ('sintel', $1, 9)`, [
      randomBytes(16).toString('hex'),
    ]);
    const { stdout, exitCode } = await rotate(['--to', 'new', '--batch', '1']);
    expect([exitCode, linesOf(stdout)[0]]).toEqual([0, '8 content key(s) are wrapped under new now.']);
    expect([...(await kekIds())].toSorted()).toEqual([...all('new'), 'new', 'new', 'new', null]);
    const after = await rows();
    const keys = after.flatMap(({ ek }) => (ek === null ? [] : [Buffer.from(unwrapKey(NEW, ek)).toString('hex')]));
    expect(keys.toSorted()).toEqual([...before.values(), ...more.map((key) => key.toString('hex'))].toSorted());
  });

  it("leaves what lies in ExpressPlay's key storage, and says which KEK it needs", async () => {
    await database.query(`UPDATE content_key SET source = 'key-storage', ek = NULL WHERE content_id = 'sintel'`);
    expect(linesOf((await rotate()).stdout)).toContain(
      "1 content key(s) lie in ExpressPlay's key storage under test: they are left, and so must test be.",
    );
    expect((await rows()).filter((row) => row.kek_id === 'test')).toMatchObject([
      { content_id: 'sintel', source: 'key-storage', ek: null },
    ]);
  });

  it('leaves what it cannot read, names it, rotates the rest, and fails', async () => {
    await database.query(`UPDATE content_key SET kek_id = 'lost' WHERE content_id = 'sintel'`);
    await database.query(`UPDATE content_key SET ek = $1 WHERE content_id = 'tears-of-steel'`, [randomBytes(24)]);
    const { exitCode, stdout } = await rotate();
    expect(exitCode).toBe(1);
    expect(linesOf(stdout).at(-1)).toBe('2 content key(s) cannot be read and were left as they are.');
    expect(linesOf(stdout)).toContainEqual(
      expect.stringMatching(/^sintel, key [0-9a-f]{32}: its KEK lost is not among CONTENT_KEY_KEKS$/),
    );
    expect(linesOf(stdout)).toContainEqual(
      expect.stringMatching(/^tears-of-steel, key [0-9a-f]{32}: the KEK test of CONTENT_KEY_KEKS does not unwrap it$/),
    );
    expect((await kekIds()).toSorted()).toEqual(['lost', 'new', 'new', 'new', 'test']);
  });

  it.each<[string[], RegExp]>([
    [[], /required option '--to <kekId>' not specified/],
    [['--to', 'new', '--batch', '0'], /^--batch takes a whole number from 1 to 10000/],
    [['--to', 'gone'], /^KEK gone is not among CONTENT_KEY_KEKS/],
  ])('with %j says what is wrong and changes nothing', async (args, message) => {
    const before = await rows();
    const { exitCode, stdout, stderr } = await rotate(args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(await rows()).toEqual(before);
  });

  it('without its variables says so, by name', async () => {
    const { exitCode, stderr } = await ctl(['keys', 'rotate', '--to', 'new']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/\nDATABASE_URL: is not set.+\nCONTENT_KEY_KEKS: is not set/);
  });
});
