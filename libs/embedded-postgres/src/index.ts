export { unprivilegedUser } from './binaries.js';
export { databaseServer, type DatabaseServer } from './database-server.js';
export { createDatabase, dropDatabase, databaseUrl } from './databases.js';
export { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
export { freePort } from './free-port.js';
