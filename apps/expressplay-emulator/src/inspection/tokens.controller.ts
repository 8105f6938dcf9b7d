// Shows what a token carries, expired or not.
import { DomainError } from '@app/platform/problems';
import { Controller, Get, Param } from '@nestjs/common';
import type { SealedToken } from '../tokens/sealed-token.js';
import { ForgedTokenError, TokenSealer } from '../tokens/token-sealer.js';

@Controller('emulator/tokens')
export class TokensController {
  constructor(private readonly sealer: TokenSealer) {}

  // A wildcard, because the router limits the length of a plain parameter and tokens are long.
  @Get('*')
  show(@Param('*') token: string): SealedToken {
    try {
      return this.sealer.open(token);
    } catch (error) {
      if (error instanceof ForgedTokenError) throw new DomainError('invalid-request', `This is ${error.message}.`);
      throw error;
    }
  }
}
