// Who is asking: bearer tokens; `app.ts` has the guard check them before any handler runs.
import { Clock } from '@app/platform/clock';
import { Module } from '@nestjs/common';
import { Environment } from '../environment.js';
import { AccessTokenVerifier } from './access-token.verifier.js';
import { BearerGuard } from './bearer.guard.js';
import { openSigningKeys, SigningKeys } from './signing-keys.js';

@Module({
  providers: [
    AccessTokenVerifier,
    BearerGuard,
    {
      provide: SigningKeys,
      inject: [Environment, Clock],
      useFactory: openSigningKeys,
    },
  ],
  exports: [SigningKeys],
})
export class AuthModule {}
