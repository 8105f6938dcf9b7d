// The client as the suite uses it: against the emulator, by the emulator's clock.
import { ExpressPlayClient, type ExpressPlayClientOptions } from '@app/expressplay';
import { ACCOUNTS, type AccountName } from './accounts.js';
import type { EmulatorSession } from './emulator-session.js';

/** The options of a client for an account. */
export function clientOptions(emulator: EmulatorSession, account: AccountName = 'good'): ExpressPlayClientOptions {
  return {
    environment: 'test',
    prodDomain: 'service.expressplay.com',
    baseUrl: emulator.url,
    customerAuthenticator: ACCOUNTS[account],
    connectTimeoutMs: 5_000,
    timeoutMs: 5_000,
    maxConnections: 4,
    // The emulator speaks plain http.
    useHttps: false,
    now: () => emulator.clock.now(),
  };
}

/** A client of an account. Close it. */
export function clientOf(emulator: EmulatorSession, account?: AccountName, timeoutMs = 5_000): ExpressPlayClient {
  return new ExpressPlayClient({ ...clientOptions(emulator, account), timeoutMs });
}
