// `npm run db:seed`: writes the demo data to the database that DATABASE_URL names, its keys wrapped under the first of CONTENT_KEY_KEKS.
import { PrismaService } from '@app/database';
import { parseKeks } from '../apps/entitlement/src/keks.js';
import { seedDemoData } from '../prisma/seed/seed-demo-data.js';
import { requiredDatabaseUrl } from './support/database-url.js';
import { runCommand } from './support/run-command.js';

await runCommand(async () => {
  const url = requiredDatabaseUrl();
  const keks = process.env.CONTENT_KEY_KEKS;
  if (!keks) throw new Error('CONTENT_KEY_KEKS is not set. The demo content keys are wrapped under its first KEK.');
  const [first] = parseKeks(Buffer.from(keks));
  if (first === undefined) throw new Error('CONTENT_KEY_KEKS names no KEK.');
  const prisma = new PrismaService({ url, poolSize: 2, timeoutMs: 10_000 });
  try {
    await seedDemoData(prisma, { id: first[0], kek: first[1] }, new Date());
    console.log('The demo data is written.');
  } finally {
    await prisma.onApplicationShutdown();
  }
});
