// The database users of the local overlay: what its pods do as them, done.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, databaseServer, type DatabaseServer } from '@app/embedded-postgres';

const OVERLAY = 'deploy/kubernetes/overlays/local';
const run = promisify(execFile);

describe('the users that the local overlay makes in Postgres', () => {
  let server: DatabaseServer;
  let files: string;
  const literals = new Map<string, Map<string, string>>();

  /** Runs a script of `dist` with the overlay's secrets in files, as a pod does. */
  const script = async (name: string): Promise<string> => {
    const file = (secret: string, key: string): string => {
      const path = join(files, `${secret}-${key}`);
      const text = literals.get(secret)?.get(key) ?? '';
      writeFileSync(path, key === 'database-url' ? here(text) : text);
      return path;
    };
    const env = {
      PATH: process.env.PATH,
      DATABASE_URL_FILE: file('entitlement-migrate', 'database-url'),
      DATABASE_PASSWORD_FILE: file('entitlement-migrate', 'database-password'),
      CONTENT_KEY_KEKS_FILE: file('entitlement', 'keks'),
    };
    return (await run(process.execPath, [`dist/scripts/${name}.js`], { env })).stdout;
  };

  /** The overlay's address, at the server of this test. */
  const here = (text: string): string => {
    const [url, { hostname, port }] = [new URL(text), new URL(server.url)];
    Object.assign(url, { hostname, port });
    return url.href;
  };

  beforeAll(async () => {
    // A server of its own: users belong to a whole server, and the overlay decides on their names.
    server = await databaseServer(undefined);
    files = mkdtempSync(join(tmpdir(), 'local-users-'));
    const { secretGenerator } = parse(readFileSync(`${OVERLAY}/kustomization.yaml`, 'utf8')) as {
      secretGenerator: { name: string; literals: string[] }[];
    };
    for (const { name, literals: entries } of secretGenerator) {
      const pairs = entries.map((entry) => /^([^=]+)=(.*)$/.exec(entry)?.slice(1) as [string, string]);
      literals.set(name, new Map(pairs));
    }
    const owner = new Client({ connectionString: await createDatabase(server.url, 'entitlement') });
    await owner.connect();
    await owner.query(readFileSync(`${OVERLAY}/users.sql`, 'utf8'));
    await owner.end();
  }, 120_000);

  afterAll(async () => {
    rmSync(files, { recursive: true, force: true });
    await server.stop();
  });

  it('let the migrating one migrate, grant, seed and maintain the ledger', async () => {
    expect(await script('db-migrate')).toContain('migration(s) applied');
    expect(await script('db-roles')).toMatch(/GRANT .* TO "?entitlement_serve/);
    expect(await script('db-roles')).toContain('Nothing is to be done');
    expect(await script('db-seed')).toContain('The demo data is written');
    expect(await script('ledger-maintain')).not.toBe('');
  });

  it('let the serving one read titles and nothing of the schema', async () => {
    const url = new URL(here(literals.get('entitlement')?.get('database-url') ?? ''));
    url.password = literals.get('entitlement')?.get('database-password') ?? '';
    const client = new Client({ connectionString: url.href });
    await client.connect();
    try {
      expect((await client.query('SELECT id FROM content')).rowCount).toBeGreaterThan(0);
      await expect(client.query('DROP TABLE content')).rejects.toThrow('must be owner');
    } finally {
      await client.end();
    }
  });
});
