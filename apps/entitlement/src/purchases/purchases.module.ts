// What was bought and rented, as the store sends it: one by one, and in batches of millions.
import { Module } from '@nestjs/common';
import { FirstPlayResetRepository } from './first-play-reset.repository.js';
import { PurchaseRepository } from './purchase.repository.js';
import { PurchaseImportController } from './import/purchase-import.controller.js';
import { PurchaseImportService } from './import/purchase-import.service.js';
import { PurchasesController } from './purchases.controller.js';
import { PurchasesService } from './purchases.service.js';
import { RevocationRepository } from './revocation.repository.js';

@Module({
  controllers: [PurchaseImportController, PurchasesController],
  providers: [
    PurchasesService,
    PurchaseImportService,
    PurchaseRepository,
    RevocationRepository,
    FirstPlayResetRepository,
  ],
})
export class PurchasesModule {}
