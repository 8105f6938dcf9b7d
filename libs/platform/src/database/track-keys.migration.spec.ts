// Data of the schema before titles had several keys.
import { createDatabase, databaseServer, dropDatabase } from '@app/embedded-postgres';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { applyMigrations, readMigrations } from './migrations.js';

const MIGRATION = '20261128130000_track_keys';
const BEFORE = `
  INSERT INTO output_policy (name, analog_video_opl, compressed_digital_audio_opl, compressed_digital_video_opl,
    uncompressed_digital_audio_opl, uncompressed_digital_video_opl) VALUES ('hd', 1, 2, 3, 4, 5);
  INSERT INTO content (id, title, kid, iv, output_policy_name, version) VALUES
    ('wrapped', 'A', repeat('a', 32), repeat('1', 32), 'hd', 3), ('stored', 'B', repeat('b', 32), NULL, 'hd', 1), ('none', 'C', repeat('c', 32), NULL, 'hd', 1);
  INSERT INTO content_key (content_id, source, kek_id, ek) VALUES
    ('wrapped', 'wrapped', 'k1', decode(repeat('07', 24), 'hex')), ('stored', 'key-storage', 'k2', NULL)`;

it('the migration to track keys brings KID, IV and key of every title along, and of those that have no key yet KID and IV', async () => {
  const server = await databaseServer(process.env.DATABASE_URL);
  const name = `track_keys_${process.pid}`;
  const url = await createDatabase(server.url, name);
  const client = new Client({ connectionString: url });
  try {
    const files = await readMigrations();
    const index = files.findIndex((file) => file.name === MIGRATION);
    expect(index).toBeGreaterThan(0);
    await applyMigrations(url, { files: files.slice(0, index) });
    await client.connect();
    await client.query(BEFORE);
    await applyMigrations(url);
    const { rows } = await client.query(
      'SELECT content_id, kid, iv, position, tracks, source, kek_id, ek, output_policy_name FROM content_key ORDER BY kid',
    );
    const of = (content_id: string, digit: string, more: object) => ({
      content_id,
      kid: digit.repeat(32),
      iv: null,
      position: 0,
      tracks: [],
      source: 'wrapped',
      kek_id: null,
      ek: null,
      output_policy_name: null,
      ...more,
    });
    expect(rows).toEqual([
      of('wrapped', 'a', { iv: '1'.repeat(32), kek_id: 'k1', ek: Buffer.alloc(24, 7) }),
      of('stored', 'b', { source: 'key-storage', kek_id: 'k2' }),
      of('none', 'c', {}),
    ]);
    const contents = await client.query('SELECT id, version, protection_scheme FROM content ORDER BY id');
    expect(contents.rows).toContainEqual({ id: 'wrapped', version: 3, protection_scheme: 'cenc' });
  } finally {
    await client.end();
    await dropDatabase(server.url, name);
    await server.stop();
  }
}, 120_000);
