// How many requests this process is working on.
import { Injectable } from '@nestjs/common';
import { Environment } from '../environment.js';
import { OverloadedError } from './overloaded.error.js';

@Injectable()
export class InFlight {
  #count = 0;

  constructor(private readonly environment: Environment) {}

  /** How many there are at the moment. */
  get count(): number {
    return this.#count;
  }

  /** How many there may be. */
  get limit(): number {
    return this.environment.MAX_REQUESTS_IN_FLIGHT;
  }

  /**
   * Takes a place among the requests in flight.
   * @returns gives the place back
   * @throws OverloadedError when there is none left
   */
  enter(): () => void {
    if (this.#count >= this.limit) throw new OverloadedError();
    this.#count += 1;
    return () => {
      this.#count -= 1;
    };
  }
}
