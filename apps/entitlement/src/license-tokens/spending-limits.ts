// The limits on token spending, from the deployment's settings.
import type { SpendingLimits } from '../entitlements/entitlements.repository.js';
import type { Environment } from '../environment.js';
import { longestPurchaseMs } from '../deadlines.js';

/** How long a granted token counts. */
const WINDOW_SECONDS = 3600;
// The largest number the database takes; nobody meets it.
const UNLIMITED = 2_147_483_647;

/** @returns undefined when neither limit is set, so that nothing needs to be reserved */
export function spendingLimits(environment: Environment): SpendingLimits | undefined {
  const { TOKEN_LIMIT_PER_USER: perUser, TOKEN_LIMIT_PER_TITLE: perTitle } = environment;
  if (perUser === 0 && perTitle === 0) return undefined;
  return {
    windowSeconds: WINDOW_SECONDS,
    perUser: perUser === 0 ? UNLIMITED : perUser,
    perTitle: perTitle === 0 ? UNLIMITED : perTitle,
    reservationSeconds: Math.ceil(longestPurchaseMs(environment) / 1000),
  };
}
