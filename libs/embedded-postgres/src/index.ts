export { unprivilegedUser } from './binaries.js';
export { createDatabase, databaseServer, databaseUrl, dropDatabase, type DatabaseServer } from './databases.js';
export { freePort, startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
