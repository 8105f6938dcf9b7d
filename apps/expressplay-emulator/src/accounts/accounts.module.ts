// Accounts and who is asking.
import { Module } from '@nestjs/common';
import { AccountDirectory } from './account.js';
import { AuthenticatorService } from './authenticator.service.js';
import { DemoAccountDirectory } from './demo-accounts.js';

@Module({
  providers: [AuthenticatorService, { provide: AccountDirectory, useClass: DemoAccountDirectory }],
  exports: [AuthenticatorService],
})
export class AccountsModule {}
