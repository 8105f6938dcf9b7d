export { DatabaseModule } from './database.module.js';
export { DatabaseUnavailableError, type DatabaseFault } from './database-fault.js';
export { PrismaService, type Statements } from './prisma.service.js';
export { ALONE, SharedRoundTrips } from './shared-round-trips.js';
export { SessionPool, type SessionPoolOptions } from './session-pool.js';
export { Session, withSession, type SessionOptions } from './session.js';
export {
  type LedgerMaintenance,
  type LedgerMaintenanceReport,
  type LedgerMonths,
  maintainLedger,
  monthsAhead,
  readLedgerMonths,
} from './ledger-partitions.js';
export { Prisma } from './generated/client.js';
export {
  type AppliedMigration,
  appliedMigrations,
  applyMigrations,
  MigrationFailedError,
  type MigrationFile,
  MigrationHistoryError,
  MigrationLockedError,
  pendingMigrations,
  readMigrations,
} from './migrations.js';
export { applyRoles } from './roles.js';
export { type Columns, DEFAULT_ROLE_NAMES, FUNCTION_GRANTS, type RoleNames, TABLE_GRANTS } from './role-grants.js';
