// The token ledger: what was decided, and for whoever may read it.
import { Module } from '@nestjs/common';
import { LedgerWriter } from './ledger-writer.repository.js';
import { IssuancesController } from './issuances.controller.js';
import { LedgerMonthsRepository, LedgerReader } from './ledger-reader.repository.js';

@Module({
  controllers: [IssuancesController],
  providers: [LedgerWriter, LedgerReader, LedgerMonthsRepository],
  exports: [LedgerWriter, LedgerMonthsRepository],
})
export class LedgerModule {}
