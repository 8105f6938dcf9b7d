// Accounts: who is asking, and what they may still buy.
import { Module } from '@nestjs/common';
import { AccountDirectory } from './account-directory.js';
import { AuthenticatorService } from './authenticator.service.js';
import { BalanceService } from './balance.service.js';

@Module({
  providers: [AccountDirectory, AuthenticatorService, BalanceService],
  exports: [AuthenticatorService, BalanceService],
})
export class AccountsModule {}
