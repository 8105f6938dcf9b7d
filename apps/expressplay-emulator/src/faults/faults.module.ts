// Faults for tests and for people, set under `/emulator/faults`.
import { Module } from '@nestjs/common';
import { FaultRegistry } from './fault-registry.js';
import { FaultsController } from './faults.controller.js';
import { OpenFaults } from './open-faults.js';

@Module({
  controllers: [FaultsController],
  providers: [FaultRegistry, OpenFaults],
  exports: [FaultRegistry, OpenFaults],
})
export class FaultsModule {}
