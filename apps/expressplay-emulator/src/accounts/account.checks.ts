// Whether an account may have tokens of a service at all.
import type { EventCode, TokenService } from '@app/expressplay';
import { EventError } from '../protocol/event-error.js';
import type { Account } from './account.js';

const OPTION_DISABLED: Readonly<Record<TokenService, EventCode>> = {
  playready: -5002,
  fairplay: -6009,
  widevine: -7011,
};

/** Checks the account in the fixed order. @throws EventError -2031; -5002, -6009, -7011; -6006 */
export function checkAccount(account: Account, service: TokenService): void {
  if (account.disabled) throw new EventError(-2031);
  if (account.optionsOff.includes(service)) throw new EventError(OPTION_DISABLED[service]);
  if (service === 'fairplay' && !account.fairplayAuthorized) throw new EventError(-6006);
}
