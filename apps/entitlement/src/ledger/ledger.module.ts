// The token ledger: what was decided, and for whoever may read it.
import { Module } from '@nestjs/common';
import { IssuanceRepository } from './issuance.repository.js';
import { IssuancesController } from './issuances.controller.js';
import { IssuancesRepository } from './issuances.repository.js';
import { LedgerMonthsRepository } from './ledger-months.repository.js';

@Module({
  controllers: [IssuancesController],
  providers: [IssuanceRepository, IssuancesRepository, LedgerMonthsRepository],
  exports: [IssuanceRepository, LedgerMonthsRepository],
})
export class LedgerModule {}
