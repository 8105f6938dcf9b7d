// Once for all end-to-end tests: a Postgres, and in it a template database with the migrations and the demo data.
import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { applyMigrations, PrismaService } from '@app/platform/database';
import { createDatabase, databaseServer, dropDatabase, startEmbeddedPostgres } from '@app/embedded-postgres';
import { seedDemoData } from '../../prisma/seed/demo-data.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the server, for making databases. */
    serverUrl: string;
    /** Name of the database every test's own is a copy of. */
    template: string;
    /** The KEK of the demo's content keys, hex. */
    kek: string;
    /** The moment the demo data is relative to, in milliseconds. */
    seededAt: number;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const zone = process.env.TEST_POSTGRES_TIMEZONE;
  const server = zone
    ? await startEmbeddedPostgres([`timezone=${zone}`])
    : await databaseServer(process.env.DATABASE_URL);
  const template = `e2e_template_${process.pid}_${Date.now()}`;
  const url = await createDatabase(server.url, template);
  await applyMigrations(url);

  const kek = randomBytes(16);
  const seededAt = Date.now();
  const prisma = new PrismaService({ url, poolSize: 2, timeoutMs: 10_000 });
  await seedDemoData(prisma, { id: 'test', kek }, new Date(seededAt));
  await prisma.onApplicationShutdown();

  project.provide('serverUrl', server.url);
  project.provide('template', template);
  project.provide('kek', kek.toString('hex'));
  project.provide('seededAt', seededAt);
  return async () => {
    await dropDatabase(server.url, template);
    await server.stop();
  };
}
