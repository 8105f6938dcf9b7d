// Sealing and opening of tokens, shared by those who issue, redeem and show them.
import { Module } from '@nestjs/common';
import { TokenSealer } from './token-sealer.js';

@Module({ providers: [TokenSealer], exports: [TokenSealer] })
export class TokensModule {}
