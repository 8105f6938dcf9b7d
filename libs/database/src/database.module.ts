// Makes the Prisma client injectable everywhere in an app.
import { Module, type DynamicModule } from '@nestjs/common';
import { DatabasePool } from './database-pool.js';
import { PrismaService, type DatabaseOptions } from './prisma.service.js';

export type { DatabaseOptions } from './prisma.service.js';

@Module({})
export class DatabaseModule {
  static forRoot(options: DatabaseOptions): DynamicModule {
    const prisma = { provide: PrismaService, useFactory: () => new PrismaService(options) };
    const pool = { provide: DatabasePool, useExisting: PrismaService };
    return {
      module: DatabaseModule,
      global: true,
      providers: [prisma, pool],
      exports: [PrismaService, DatabasePool],
    };
  }
}
