// The faults that wait for the next requests.
import type { TokenService } from '@app/expressplay';
import { Injectable } from '@nestjs/common';
import type { Fault, FaultService, WaitingFault } from './fault.js';

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
