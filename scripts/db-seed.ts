// `npm run db:seed`: writes the demo data to the database that DATABASE_URL names, its keys wrapped under the first of CONTENT_KEY_KEKS.
import 'reflect-metadata';
import { loadEnvironment } from '@app/platform/configuration';
import { PrismaService } from '@app/platform/database';
import { currentDatabaseUrl } from '../apps/entitlement/src/environment/database.js';
import { seedDemoData } from '../prisma/seed/demo-data.js';
import { runCommand } from './support/run-command.js';
import { SeedEnvironment } from './support/environment.js';

await runCommand(async () => {
  const environment = loadEnvironment(SeedEnvironment, process.env);
  const { id, kek } = environment.CONTENT_KEY_KEKS.current.first();
  const prisma = new PrismaService({ url: currentDatabaseUrl(environment), poolSize: 2, timeoutMs: 10_000 });
  try {
    await seedDemoData(prisma, { id, kek }, new Date());
    console.log('The demo data is written.');
  } finally {
    await prisma.onApplicationShutdown();
  }
});
