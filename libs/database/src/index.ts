export { DatabaseModule, type DatabaseOptions } from './database.module.js';
export { DatabaseUnavailableError, isDatabaseUnavailable } from './database-unavailable.error.js';
export { PrismaService } from './prisma.service.js';
export { maintainLedger, type LedgerMaintenance, type LedgerMaintenanceReport } from './ledger/ledger-partitions.js';
export { Prisma } from './generated/client.js';
export { applyMigrations, appliedMigrations, MigrationFailedError } from './migrations/migration-runner.js';
export { MigrationHistoryError, pendingMigrations, type AppliedMigration } from './migrations/migration-history.js';
export { readMigrations, type MigrationFile } from './migrations/migration-files.js';
