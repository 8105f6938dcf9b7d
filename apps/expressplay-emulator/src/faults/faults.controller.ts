// Sets, shows and clears faults.
import { Body, Controller, Delete, Get, HttpCode, Put } from '@nestjs/common';
import type { WaitingFault } from './fault.js';
import { FaultRegistry } from './fault-registry.js';
import { FaultRequest, toWaitingFault } from './fault-request.js';

@Controller('emulator/faults')
export class FaultsController {
  constructor(private readonly faults: FaultRegistry) {}

  @Put()
  @HttpCode(204)
  put(@Body() body: FaultRequest): void {
    this.faults.put(toWaitingFault(body));
  }

  @Get()
  list(): readonly WaitingFault[] {
    return this.faults.list();
  }

  @Delete()
  @HttpCode(204)
  clear(): void {
    this.faults.clear();
  }
}
