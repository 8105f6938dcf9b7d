// How many tokens the accounts may still buy; the counting begins when the process starts.
import { Injectable } from '@nestjs/common';
import { EventError } from '../protocol/event-error.js';
import type { Account } from './account.js';

@Injectable()
export class BalanceService {
  readonly #spent = new Map<string, number>();

  /** Takes one token off the account's balance. @throws EventError -2019 when none is left */
  spend(account: Account): void {
    if (account.balance === null) return;
    const spent = this.#spent.get(account.name) ?? 0;
    if (spent >= account.balance) throw new EventError(-2019);
    this.#spent.set(account.name, spent + 1);
  }
}
