// What was bought and rented, as the store sends it: one by one, and in batches of millions.
import { Module } from '@nestjs/common';
import { PurchaseRepository } from './purchase.repository.js';
import { PurchaseImportController } from './import/purchase-import.controller.js';
import { PurchaseImportService } from './import/purchase-import.service.js';
import { PurchasesController } from './purchases.controller.js';
import { PurchasesService } from './purchases.service.js';

@Module({
  controllers: [PurchaseImportController, PurchasesController],
  providers: [PurchasesService, PurchaseImportService, PurchaseRepository],
})
export class PurchasesModule {}
