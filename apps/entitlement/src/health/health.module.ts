// Is this process well, and should players be sent to it.
import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AuthModule } from '../auth/auth.module.js';
import { EntitlementsModule } from '../entitlements/entitlements.module.js';
import { HealthController } from './health.controller.js';
import { LicenseTokensModule } from '../license-tokens/license-tokens.module.js';
import { MigrationsRepository } from './migrations.repository.js';

@Module({
  imports: [AuthModule, EntitlementsModule, LicenseTokensModule, TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [MigrationsRepository],
})
export class HealthModule {}
