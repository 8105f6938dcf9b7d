// Two good accounts of the emulator, made for one test and given as a file, of which each can be withdrawn and come back.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEnvironment } from '@app/platform/configuration';
import type { Account } from '../../apps/expressplay-emulator/src/accounts/account.js';
import { AccountDirectory } from '../../apps/expressplay-emulator/src/accounts/accounts.js';
import { Environment } from '../../apps/expressplay-emulator/src/environment.js';

/** A withdrawn account's authenticator is one that ExpressPlay does not know: -2018. */
export class RevocableAccounts extends AccountDirectory {
  readonly #withdrawn = new Set<string>();
  readonly #asked = new Map<string, number>();

  /** @param authenticators those of good accounts of the test environment */
  constructor(readonly authenticators: readonly string[]) {
    super(environmentWith(authenticators));
  }

  /** Directory of as many accounts, their authenticators made at random. */
  static make(count: number): RevocableAccounts {
    return new RevocableAccounts(
      Array.from({ length: count }, (_, index) => `${index + 1},${randomBytes(16).toString('hex')}`),
    );
  }

  withdraw(authenticator: string): void {
    this.#withdrawn.add(authenticator);
  }

  readmit(authenticator: string): void {
    this.#withdrawn.delete(authenticator);
  }

  /** How many requests have come with an authenticator. */
  asked(authenticator: string): number {
    return this.#asked.get(authenticator) ?? 0;
  }

  override find(authenticator: string): Account | undefined {
    this.#asked.set(authenticator, this.asked(authenticator) + 1);
    return this.#withdrawn.has(authenticator) ? undefined : super.find(authenticator);
  }
}

function environmentWith(authenticators: readonly string[]): Environment {
  const folder = mkdtempSync(join(tmpdir(), 'emulator-accounts-'));
  try {
    const path = join(folder, 'accounts.json');
    const accounts = authenticators.map((authenticator, index) => ({
      name: `good-${index + 1}`,
      authenticator,
      environment: 'test',
    }));
    writeFileSync(path, JSON.stringify(accounts));
    return loadEnvironment(Environment, { EMULATOR_ACCOUNTS_FILE: path });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
