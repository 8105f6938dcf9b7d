// Prisma's own settings: where the schema and the migrations lie, and how its commands run without a download.
import { defineConfig } from 'prisma/config';

// `generate`, `validate` and `format` ask for a native schema engine that they do not use. Naming any file that exists
// spares its download; `migrate` and `db` really use it, so they keep the one Prisma would fetch.
const usesSchemaEngine = process.argv.some((argument) => argument === 'migrate' || argument === 'db');
if (!usesSchemaEngine) process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? '' },
});
