// May they: the rules, what they are asked about, and the answer for a viewer who wants to know before playing.
import { Module } from '@nestjs/common';
import { EntitlementsController } from './entitlements.controller.js';
import { EntitlementsRepository } from './entitlements.repository.js';
import { EntitlementsService } from './entitlements.service.js';

@Module({
  controllers: [EntitlementsController],
  providers: [EntitlementsRepository, EntitlementsService],
  exports: [EntitlementsRepository, EntitlementsService],
})
export class EntitlementsModule {}
