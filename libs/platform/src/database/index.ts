export { DatabaseUnavailableError } from './database-fault.js';
export { DatabaseModule, PrismaService, type Statements } from './prisma.service.js';
export { ALONE, type RoundTrips, SharedRoundTrips } from './shared-round-trips.js';
export { SessionPool, type SessionPoolOptions } from './session-pool.js';
export { Session, withSession } from './session.js';
export { type LedgerMonths, maintainLedger, monthsAhead, readLedgerMonths } from './ledger-partitions.js';
export { Prisma } from './generated/client.js';
export {
  type AppliedMigration,
  applyMigrations,
  MigrationHistoryError,
  MigrationLockedError,
  pendingMigrations,
  readMigrations,
} from './migrations.js';
export { applyRoles } from './roles.js';
export { DEFAULT_ROLE_NAMES, type RoleNames, SERVING_GRANTS } from './role-grants.js';
