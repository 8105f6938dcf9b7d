// Makes the Prisma client injectable everywhere in an app.
import { Module, type DynamicModule } from '@nestjs/common';
import { PrismaService } from './prisma.service.js';
import { SessionPool, type SessionPoolOptions } from './session-pool.js';

@Module({})
export class DatabaseModule {
  static forRoot(options: SessionPoolOptions): DynamicModule {
    const prisma = { provide: PrismaService, useFactory: () => new PrismaService(options) };
    const pool = {
      provide: SessionPool,
      inject: [PrismaService],
      useFactory: ({ pool: sessions }: PrismaService) => sessions,
    };
    return {
      module: DatabaseModule,
      global: true,
      providers: [prisma, pool],
      exports: [PrismaService, SessionPool],
    };
  }
}
