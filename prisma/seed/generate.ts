// Fills a database with titles and purchases for load and scale, as often as one likes: what is there stays.
import type { Client } from 'pg';
import { withSession } from '@app/platform/database';
import { generateContents } from './generate-contents.js';
import type { GenerateOptions } from './generate-options.js';
import { grouped, Progress } from './generate-progress.js';
import { generatePurchases, storedPurchases } from './generate-purchases.js';
import type { SeedKek } from './seed-demo-data.js';

/**
 * Generates.
 * @param url connection string of a database with the migrations applied
 * @param say takes lines about the progress
 * @throws Error when the migrations are not applied, and PostgreSQL's own
 */
export async function generate(
  url: string,
  options: GenerateOptions,
  kek: SeedKek,
  say: (line: string) => void,
): Promise<void> {
  await withSession({ url, applicationName: 'db:generate' }, async (client) => {
    await requireTables(client);
    await generateContents(client, options, kek);
    say(`contents: ${grouped(options.contents)}`);
    const stored = await storedPurchases(client, options.purchases);
    const progress = new Progress(stored, options.purchases, say);
    if (stored === options.purchases) say(`purchases: ${grouped(stored)}, and no more are wanted`);
    await generatePurchases(client, options, stored, (rows) => progress.reached(rows));
    // The planner must not take the database for the empty one that it was.
    await client.query('ANALYZE output_policy, content, content_key, purchase');
  });
}

async function requireTables(client: Client): Promise<void> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('early_revocation') IS NOT NULL AS found`,
  );
  if (rows[0]?.found !== true) throw new Error('The migrations are not applied: run npm run db:migrate first.');
}
