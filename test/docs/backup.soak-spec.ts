// docs/backup.md: its commands, on a PostgreSQL of this machine and with that one's client programs.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyMigrations, PrismaService } from '@app/platform/database';
import { createDatabase } from '@app/embedded-postgres';
import { seedDemoData } from '../../prisma/seed/demo-data.js';
import { snippetsOf } from '../../scripts/checks/markdown.js';
import { inContinuousIntegration } from '../support/tools.js';
import { MachinePostgres, postgresFolder } from '../support/machine-postgres.js';

const PAGE = 'docs/backup.md';
const programs = postgresFolder();
if (programs === undefined && inContinuousIntegration())
  throw new Error('CI needs a PostgreSQL with pg_dump and psql.');

describe.skipIf(programs === undefined)('the commands of the page (needs PostgreSQL with pg_dump and psql)', () => {
  const now = new Date();
  /** A month that is over: the present one is needed. */
  const then = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 15));
  const month = `issuance_${then.toISOString().slice(0, 7).replace('-', '_')}`;
  let server: MachinePostgres;
  let folder: string;
  let urls: { original: string; copy: string };

  beforeAll(async () => {
    server = await MachinePostgres.start(programs ?? '');
    folder = await mkdtemp(join(tmpdir(), 'backup-page-'));
    urls = {
      original: await createDatabase(server.url, 'original'),
      copy: await createDatabase(server.url, 'copy'),
    };
    await applyMigrations(urls.original);
    const prisma = new PrismaService({ url: urls.original, poolSize: 1, timeoutMs: 10_000 });
    await seedDemoData(prisma, { id: 'kek-of-2026', kek: new Uint8Array(16) }, now);
    await prisma.onApplicationShutdown();
    await query(urls.original, 'SELECT ensure_ledger_partitions($1, $1)', [then]);
    await query(
      urls.original,
      `INSERT INTO issuance (id, user_id, content_id, drm, decision, reason, request_id, decided_at, duration_ms)
       SELECT md5(n::text), 'u', 'sintel', 'widevine', 'denied', 'no-purchase', 'r,"' || n, $1, n FROM generate_series(1, 50) n`,
      [then],
    );
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs the block that begins so, as it stands on the page; files are written to a folder of the test's. */
  async function run(beginning: string): Promise<string> {
    const blocks = snippetsOf(await readFile(PAGE, 'utf8')).filter(({ language }) => language === 'sh');
    const block = blocks.find(({ text }) => text.startsWith(beginning));
    if (block === undefined) throw new Error(`${PAGE} has no block that begins with ${beginning}`);
    // npm has to be called where its package is.
    const npm = `npm() { (cd ${JSON.stringify(process.cwd())} && command npm "$@"); }`;
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', `${npm}\n${block.text}`], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${programs}${delimiter}${process.env.PATH}`,
        npm_config_ignore_scripts: 'true',
        DATABASE_URL: urls.original,
        SCRATCH_URL: urls.copy,
        MONTH: month,
      },
    });
    if (status !== 0) throw new Error(`${block.text}\nended with ${status}: ${stderr}`);
    return stdout;
  }

  it('brings everything back, to the last column', async () => {
    await run('pg_dump');
    const restored = await run('pg_restore');
    expect(restored).toContain('The database is up to date.');
    const tables = await query<{ name: string }>(
      urls.original,
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    );
    expect(tables.length).toBeGreaterThan(15);
    for (const { name } of tables) {
      const contents = (url: string) =>
        query(url, `SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM "${name}" t`);
      expect([name, await contents(urls.copy)]).toEqual([name, await contents(urls.original)]);
    }
    expect(await query(urls.copy, 'SELECT count(*)::int AS n FROM issuance')).toEqual([{ n: 50 }]);
  }, 60_000);

  it('keeps the rules in the copy: nothing of the ledger changes, no first play moves, one that is missing is taken', async () => {
    await expect(query(urls.copy, 'DELETE FROM issuance')).rejects.toThrow('append-only');
    await expect(query(urls.copy, 'TRUNCATE issuance')).rejects.toThrow('append-only');
    await expect(
      query(urls.copy, 'UPDATE purchase SET first_play_at = now() WHERE first_play_at IS NOT NULL'),
    ).rejects.toThrow('never moved');
    await query(
      urls.copy,
      `UPDATE purchase SET first_play_at = now() WHERE type = 'rental' AND first_play_at IS NULL AND user_id = 'bob'`,
    );
  });

  it('tells how much there is, and which KEKs are needed', async () => {
    const lines = (await run('psql "$SCRATCH_URL"')).trim().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^purchases\|\d+$/),
      expect.stringMatching(/^first plays\|[1-9]\d*$/),
      'ledger|50',
      expect.stringMatching(/^newest\|20\d\d-/),
      'KEKs|kek-of-2026',
    ]);
  });

  it('archives a month, reads it again, and takes it out of the ledger', async () => {
    await run('psql "$DATABASE_URL" --no-psqlrc --command "\\copy');
    const file = await readFile(join(folder, `${month}.csv`), 'utf8');
    expect(file.trim().split('\n')).toHaveLength(51);
    expect(await readFile(join(folder, `${month}.csv.sha256`), 'utf8')).toMatch(/^[0-9a-f]{64} /);

    await run('psql "$SCRATCH_URL" --no-psqlrc --command "CREATE TABLE archived');
    const contents = (url: string, table: string) =>
      query(url, `SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM ${table} t`);
    expect(await contents(urls.copy, 'archived')).toEqual(await contents(urls.original, 'issuance'));

    await run('psql "$DATABASE_URL" --no-psqlrc --command "ALTER TABLE');
    expect(await query(urls.original, 'SELECT count(*)::int AS n FROM issuance')).toEqual([{ n: 0 }]);
    expect(await query(urls.original, `SELECT count(*)::int AS n FROM ${month}`)).toEqual([{ n: 50 }]);
    expect(await run('npm run ledger:maintain')).not.toContain(month);
  }, 60_000);
});

async function query<T extends object>(url: string, sql: string, values: unknown[] = []): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
