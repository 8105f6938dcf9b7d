// A database with generated purchases and a ledger, for as long as a benchmark runs.
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { applyMigrations } from '@app/platform/database';
import { createDatabase, dropDatabase } from '@app/embedded-postgres';
import { generate } from '../../prisma/seed/generate.js';
import type { GenerateOptions } from '../../prisma/seed/generate-options.js';

/** Who asks for what. */
export interface Pair {
  userId: string;
  contentId: string;
}

/** Rows of the ledger, over two months: what the limit on token spending counts. */
const ISSUANCES = 100_000;

const LEDGER = `
  INSERT INTO issuance (id, user_id, content_id, purchase_id, drm, decision, rights_type, persistent, token_expires_at,
    request_id, decided_at, duration_ms)
  SELECT md5(n::text), user_id, content_id, purchase.id, 'playready', 'granted', type, false, $3, 'bench',
         $3::timestamptz - n / $2::float8 * interval '60 days', 50
  FROM generate_series(1, $2::int) n
  JOIN purchase ON external_id = 'generated-' || 1 + abs(hashint8extended(n, 11)) % $1::bigint`;

export class GeneratedDatabase {
  private constructor(
    readonly client: Client,
    readonly purchases: number,
    private readonly serverUrl: string,
    private readonly name: string,
  ) {}

  static async create(
    serverUrl: string,
    options: GenerateOptions,
    say: (line: string) => void,
  ): Promise<GeneratedDatabase> {
    const name = `bench_${options.purchases}_${process.pid}`;
    const url = await createDatabase(serverUrl, name);
    await applyMigrations(url);
    await generate(url, options, { id: 'bench', kek: randomBytes(16) }, say);
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(`SELECT ensure_ledger_partitions($1::timestamptz - interval '60 days', $1)`, [options.at]);
    await client.query(LEDGER, [options.purchases, ISSUANCES, options.at]);
    // What the server would do sooner or later in the background is done before anything is measured.
    await client.query('VACUUM ANALYZE');
    await client.query('CHECKPOINT');
    return new GeneratedDatabase(client, options.purchases, serverUrl, name);
  }

  /** Users and titles drawn evenly from the purchases; every fourth time with a title that is nearly never the user's. */
  async pairs(count: number): Promise<Pair[]> {
    const { rows } = await this.client.query<Pair>(
      `SELECT user_id AS "userId", CASE WHEN n % 4 > 0 THEN content_id ELSE 'generated-' || 1 + n % 2000 END AS "contentId"
       FROM generate_series(1, $2::int) n
       JOIN purchase ON external_id = 'generated-' || 1 + abs(hashint8extended(n, 7)) % $1::bigint`,
      [this.purchases, count],
    );
    return rows;
  }

  /** Size of all tables and indexes, in GB. */
  async gigabytes(): Promise<number> {
    const { rows } = await this.client.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes');
    return Number(rows[0]?.bytes) / 1e9;
  }

  async drop(): Promise<void> {
    await this.client.end();
    await dropDatabase(this.serverUrl, this.name);
  }
}
