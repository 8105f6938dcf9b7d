// One count of what a process is working on, for all players' routes together.
import { Global, Module } from '@nestjs/common';
import { InFlight } from './in-flight.js';

@Global()
@Module({ providers: [InFlight], exports: [InFlight] })
export class OverloadModule {}
