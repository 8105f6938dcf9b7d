// May they: the rules, what they are asked about, and the answer for a viewer who wants to know before playing.
import { Module } from '@nestjs/common';
import { CandidateTitlesRepository } from './candidate-titles.repository.js';
import { EntitlementRepository } from './entitlement.repository.js';
import { EntitlementsController } from './entitlements.controller.js';
import { EntitlementsService } from './entitlements.service.js';

@Module({
  controllers: [EntitlementsController],
  providers: [EntitlementRepository, CandidateTitlesRepository, EntitlementsService],
  exports: [EntitlementRepository],
})
export class EntitlementsModule {}
