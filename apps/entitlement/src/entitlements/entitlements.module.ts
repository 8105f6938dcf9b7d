// May they: the rules, and what they are asked about.
import { Module } from '@nestjs/common';
import { EntitlementRepository } from './entitlement.repository.js';

@Module({ providers: [EntitlementRepository], exports: [EntitlementRepository] })
export class EntitlementsModule {}
