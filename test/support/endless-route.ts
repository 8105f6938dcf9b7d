// A route that never answers.
import { Controller, Get, Module } from '@nestjs/common';
import { Public } from '../../apps/entitlement/src/auth/requires-scope.decorator.js';

@Controller('health/endless')
class EndlessController {
  @Get()
  @Public('both')
  wait(): Promise<never> {
    return new Promise(() => undefined);
  }
}

/** `GET /health/endless`, for `TestService.start`. */
@Module({ controllers: [EndlessController] })
export class EndlessModule {}
