// Shows and clears the counts of redemptions.
import { Controller, Delete, Get, HttpCode } from '@nestjs/common';
import { RedemptionLog, type Redemptions } from './redemption-log.js';

@Controller('emulator/redemptions')
export class RedemptionsController {
  constructor(private readonly redemptions: RedemptionLog) {}

  @Get()
  list(): readonly Redemptions[] {
    return this.redemptions.list();
  }

  @Delete()
  @HttpCode(204)
  clear(): void {
    this.redemptions.clear();
  }
}
