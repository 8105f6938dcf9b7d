export { DatabaseModule } from './database.module.js';
export { DatabaseUnavailableError, type DatabaseFault } from './database-fault.js';
export { PrismaService, type Statements } from './prisma.service.js';
export { SessionPool, type SessionPoolOptions } from './session-pool.js';
export { Session, withSession, type SessionOptions } from './session.js';
export { maintainLedger, type LedgerMaintenance, type LedgerMaintenanceReport } from './ledger/ledger-partitions.js';
export { monthsAhead, readLedgerMonths, type LedgerMonths } from './ledger/ledger-months.js';
export { Prisma } from './generated/client.js';
export {
  applyMigrations,
  appliedMigrations,
  MigrationFailedError,
  MigrationLockedError,
} from './migrations/migration-runner.js';
export { MigrationHistoryError, pendingMigrations, type AppliedMigration } from './migrations/migration-history.js';
export { readMigrations, type MigrationFile } from './migrations/migration-files.js';
export { applyRoles, type RolesReport, type RolesWanted } from './roles/apply-roles.js';
export {
  DEFAULT_ROLE_NAMES,
  FUNCTION_GRANTS,
  TABLE_GRANTS,
  type Columns,
  type RoleNames,
} from './roles/role-grants.js';
export { RolesError } from './roles/roles.error.js';
