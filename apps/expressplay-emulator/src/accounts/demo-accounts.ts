// The accounts that the emulator knows from the start.
import { Injectable } from '@nestjs/common';
import { AccountDirectory, type Account } from './account.js';

/** One good authenticator for each environment; the test one is that of ExpressPlay's published sample. */
export const DEMO_ACCOUNTS: readonly Account[] = [
  { authenticator: '201722,1ad8eed133edf43cbcc185f0236828ae', environment: 'test' },
  { authenticator: '201722,7f0c5b9e2d6a41388c94e0b7d15a63f2', environment: 'production' },
];

/** The demo accounts, which no request changes. */
@Injectable()
export class DemoAccountDirectory extends AccountDirectory {
  override find(authenticator: string): Account | undefined {
    return DEMO_ACCOUNTS.find((account) => account.authenticator === authenticator);
  }
}
