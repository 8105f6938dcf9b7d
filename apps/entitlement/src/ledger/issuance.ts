// One row of the token ledger: who asked for what, what was decided and why, what ExpressPlay said.
import { randomBytes } from 'node:crypto';
import type { Drm } from '../catalog/content.js';
import type { DenialReason } from '../entitlements/entitlement.rules.js';
import type { TokenTerms } from '../license-tokens/rights.js';
import type { Purchase } from '../purchases/purchase.js';

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

/** What is bought, and for which purchase. */
export type Sale = TokenTerms & { purchase: Purchase };

/** A token was issued. */
export interface GrantedIssuance extends IssuanceBase, Sale {
  /** From the decision to the ledger, in milliseconds. */
  durationMs: number;
}

/** Why a request ended without a token, the rules' reasons first: they said no (`denied`), or yes and something failed. */
export const REFUSALS = {
  'play-window-ended': 'denied',
  'rental-period-ended': 'denied',
  'purchase-revoked': 'denied',
  'not-yet-available': 'denied',
  'content-withdrawn': 'denied',
  'no-purchase': 'denied',
  'rate-limited': 'denied',
  'drm-not-available': 'denied',
  'offline-not-available': 'denied',
  'kid-required': 'denied',
  'key-unavailable': 'failed',
  'upstream-rejected': 'failed',
  'upstream-unavailable': 'failed',
  'upstream-timeout': 'failed',
  'token-balance-exhausted': 'failed',
  'purchase-changed': 'failed',
  'ledger-unavailable': 'failed',
  'caller-gone': 'failed',
} as const satisfies Record<DenialReason, 'denied'> & Record<string, 'denied' | 'failed'>;

export type RefusalReason = keyof typeof REFUSALS;

/** Why no token was issued, and how far the request had come. */
export interface Refusal extends Partial<Pick<Sale, 'purchase' | 'rights'>> {
  reason: RefusalReason;
  /** The event code ExpressPlay refused with. */
  expressPlayCode?: number | undefined;
}

/** No token was issued. */
export interface RefusedIssuance extends IssuanceBase, Refusal {
  durationMs: number;
}

/** A new id: 128 random bits as 32 hex digits. */
export function newIssuanceId(): string {
  return randomBytes(16).toString('hex');
}
