// Who is asking: bearer tokens, checked before any handler runs.
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Environment } from '../environment.js';
import { AccessTokenVerifier } from './access-token.verifier.js';
import { BearerGuard } from './bearer.guard.js';
import { SigningKeys } from './signing-keys.js';

@Module({
  providers: [
    AccessTokenVerifier,
    { provide: APP_GUARD, useClass: BearerGuard },
    {
      provide: SigningKeys,
      inject: [Environment],
      useFactory: ({ AUTH_JWKS_FILE: file, AUTH_JWKS_URL: url }: Environment) =>
        file === undefined ? SigningKeys.fromUrl(url ?? '') : SigningKeys.fromFile(file, 'AUTH_JWKS_FILE'),
    },
  ],
})
export class AuthModule {}
