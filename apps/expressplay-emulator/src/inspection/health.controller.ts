// Whether the emulator is up.
import { Controller, Get } from '@nestjs/common';

@Controller('emulator/health')
export class HealthController {
  // Nothing is looked at: the emulator depends on nothing, so answering is being healthy.
  @Get()
  check(): { status: 'ok' } {
    return { status: 'ok' };
  }
}
