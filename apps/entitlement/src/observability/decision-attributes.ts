// What a request's span says of the decision: the words of its row in the ledger, without who it is about.
import { annotateRequest } from '@app/platform/telemetry';
import type { Drm } from '../catalog/drm.js';

/** A decision, as far as a trace tells of it. */
export interface TracedDecision {
  /** The issuance id: the row's, and the cookie at ExpressPlay. */
  readonly id: string;
  readonly drm: Drm;
  readonly decision?: string | undefined;
  readonly reason?: string | undefined;
  readonly expressPlayCode?: number | undefined;
  /** Whether the token is that of an identical request. */
  readonly shared?: boolean;
}

/** Adds a decision to the span of the request that is worked on. */
export function annotateDecision({ id, drm, decision, reason, expressPlayCode, shared }: TracedDecision): void {
  annotateRequest({
    'entitlement.issuance_id': id,
    'entitlement.drm': drm,
    'entitlement.decision': decision,
    'entitlement.reason': reason,
    'entitlement.shared': shared,
    'expressplay.code': expressPlayCode,
  });
}
