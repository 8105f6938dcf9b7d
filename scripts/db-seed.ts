// `npm run db:seed`: writes the demo data to the database that DATABASE_URL names, its keys wrapped under the first of CONTENT_KEY_KEKS.
import 'reflect-metadata';
import { loadEnvironment } from '@app/platform/configuration';
import { currentDatabaseUrl } from '../apps/entitlement/src/environment/database.js';
import { seedDatabase } from '../prisma/seed/demo-data.js';
import { runCommand } from './support/run-command.js';
import { SeedEnvironment } from './support/environment.js';

await runCommand(async () => {
  const environment = loadEnvironment(SeedEnvironment, process.env);
  await seedDatabase(currentDatabaseUrl(environment), environment.CONTENT_KEY_KEKS.current.first());
  console.log('The demo data is written.');
});
