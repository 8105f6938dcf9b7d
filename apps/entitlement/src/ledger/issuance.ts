// One row of the token ledger: who asked for what, what was decided and why, what ExpressPlay said.
import { randomBytes } from 'node:crypto';
import type { Drm } from '../catalog/drm.js';
import type { DenialReason } from '../entitlements/entitlement.js';
import type { Purchase } from '../purchases/purchase.js';
import type { Rights } from '../license-tokens/rights.js';
import type { UpstreamReason } from '../license-tokens/upstream-problems.js';

/** What every row has. */
export interface IssuanceBase {
  /** 32 hex digits; also the cookie that ExpressPlay logs. */
  id: string;
  userId: string;
  contentId: string;
  drm: Drm;
  offline: boolean;
  requestId: string;
  /** The moment the decision was taken at. */
  decidedAt: Date;
}

/** A token was issued. */
export interface GrantedIssuance extends IssuanceBase {
  purchase: Purchase;
  rights: Rights;
  tokenExpiresAt: Date;
  /** From the decision to the ledger, in milliseconds. */
  durationMs: number;
}

/** The rules said yes, and then the store changed the purchase, or the ledger could not be written. */
type OvertakenReason = 'purchase-changed' | 'ledger-unavailable';

/** Why a request ended without a token, though it was decided upon. */
export type RefusalReason =
  DenialReason | 'rate-limited' | 'drm-not-available' | 'key-unavailable' | UpstreamReason | OvertakenReason;

/** Every reason, those of the rules first, with the decision that it goes with. */
export const REFUSALS: Readonly<Record<RefusalReason, 'denied' | 'failed'>> = {
  'play-window-ended': 'denied',
  'rental-period-ended': 'denied',
  'purchase-revoked': 'denied',
  'not-yet-available': 'denied',
  'content-withdrawn': 'denied',
  'no-purchase': 'denied',
  'rate-limited': 'denied',
  'drm-not-available': 'denied',
  'key-unavailable': 'failed',
  'upstream-rejected': 'failed',
  'upstream-unavailable': 'failed',
  'upstream-timeout': 'failed',
  'token-balance-exhausted': 'failed',
  'purchase-changed': 'failed',
  'ledger-unavailable': 'failed',
};

/** No token was issued: the rules said no (`denied`), or they said yes and something failed (`failed`). */
export interface RefusedIssuance extends IssuanceBase {
  decision: 'denied' | 'failed';
  reason: RefusalReason;
  purchase?: Purchase;
  rights?: Rights;
  /** The event code ExpressPlay refused with. */
  expressPlayCode?: number;
  durationMs: number;
}

/** A new id: 128 random bits as 32 hex digits. */
export function newIssuanceId(): string {
  return randomBytes(16).toString('hex');
}
