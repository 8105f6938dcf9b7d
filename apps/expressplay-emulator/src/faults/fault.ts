// What can be made to go wrong with the token services, and the faults that wait for the next requests.
import type { TokenService } from '@app/expressplay';
import { Injectable } from '@nestjs/common';

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

@Injectable()
export class FaultRegistry {
  readonly #byService = new Map<FaultService, WaitingFault>();

  /** Sets the fault of a service, or of all of them, in the place of the one it had. */
  put(waiting: WaitingFault): void {
    this.#byService.set(waiting.service, waiting);
  }

  /** The fault that a request to a service meets, which counts as one time; a service's own comes before that for any. */
  take(service: TokenService): Fault | undefined {
    const waiting = this.#byService.get(service) ?? this.#byService.get('any');
    if (waiting === undefined) return undefined;
    if (waiting.times === 1) this.#byService.delete(waiting.service);
    else if (waiting.times !== null) this.put({ ...waiting, times: waiting.times - 1 });
    return waiting.fault;
  }

  list(): readonly WaitingFault[] {
    return [...this.#byService.values()];
  }

  clear(): void {
    this.#byService.clear();
  }
}
