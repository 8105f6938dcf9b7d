// What can be made to go wrong with the token services.
import type { TokenService } from '@app/expressplay';

/** The faults that need nothing but their name. */
export const PLAIN_FAULT_KINDS = [
  'reset',
  'hang',
  'truncated',
  'empty',
  'garbage',
  'wrong-content-type',
  'oversize',
  'headers-only',
] as const;

export const FAULT_KINDS = ['event', 'status', 'latency', ...PLAIN_FAULT_KINDS] as const;

/** The name of a fault. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** One fault, with what it needs. */
export type Fault =
  | { readonly kind: 'event'; readonly code: number }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'latency'; readonly milliseconds: number }
  | { readonly kind: (typeof PLAIN_FAULT_KINDS)[number] };

/** The services that a fault may be for. */
export const FAULT_SERVICES = ['playready', 'fairplay', 'widevine', 'any'] as const satisfies (TokenService | 'any')[];
export type FaultService = (typeof FAULT_SERVICES)[number];

/** A fault that waits for requests. */
export interface WaitingFault {
  readonly service: FaultService;
  /** How many more requests meet it; null for all until it is cleared. */
  readonly times: number | null;
  readonly fault: Fault;
}
