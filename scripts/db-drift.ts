// `npm run db:drift`: fails when the migrations do not lead to what prisma/schema.prisma says, and prints the difference.
import { applyMigrations } from '@app/platform/database';
import { createDatabase, databaseServer, dropDatabase } from '@app/embedded-postgres';
import { runCommand } from './support/run-command.js';
import { schemaDiff } from './support/schema-diff.js';

await runCommand(async () => {
  const server = await databaseServer(process.env.DATABASE_URL);
  // A database of its own: what is compared are the files, whatever the given database has been through.
  const name = `drift_${process.pid}_${Date.now()}`;
  try {
    const url = await createDatabase(server.url, name);
    try {
      await applyMigrations(url);
      const difference = await schemaDiff(url);
      if (difference !== '')
        throw new Error(`prisma/schema.prisma and prisma/migrations disagree. Missing is:\n\n${difference}`);
      console.log('prisma/schema.prisma and prisma/migrations agree.');
    } finally {
      await dropDatabase(server.url, name);
    }
  } finally {
    await server.stop();
  }
});
