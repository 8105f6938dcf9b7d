// Is this process well, and should players be sent to it.
import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { LicenseTokensModule } from '../license-tokens/license-tokens.module.js';
import { MigrationsRepository } from './migrations.repository.js';

@Module({
  imports: [TerminusModule.forRoot({ logger: false }), LicenseTokensModule],
  controllers: [HealthController],
  providers: [MigrationsRepository],
})
export class HealthModule {}
