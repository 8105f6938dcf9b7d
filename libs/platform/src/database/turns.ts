// What may wait for somebody else's lock has only some of the connections, so that the others are there for everybody.
import { databaseFault, DatabaseUnavailableError } from './database-fault.js';

const LOCK_NOT_AVAILABLE = '55P03';

/** Lets a few work at once, and the others wait without a connection, in the order in which they came. */
export class Turns {
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  /**
   * @param most who may work at once
   * @param waitMs longest wait for a turn
   */
  constructor(
    private readonly most: number,
    private readonly waitMs: number,
  ) {}

  /** Whether somebody who came now would not have to wait. */
  get areFree(): boolean {
    return this.#taken < this.most;
  }

  /** Works when it is its turn. @throws DatabaseUnavailableError when it does not come in time */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.areFree) this.#taken += 1;
    else await this.#wait();
    try {
      return await work();
    } finally {
      const [next] = this.#waiting;
      if (next === undefined) this.#taken -= 1;
      else next();
    }
  }

  /** Until another one hands its turn on. */
  #wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      const next = () => {
        clearTimeout(timer);
        this.#waiting.delete(next);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(next);
        const error = Object.assign(new Error('others wait for locks'), { code: LOCK_NOT_AVAILABLE });
        reject(new DatabaseUnavailableError(databaseFault(error, true), false, error));
      }, this.waitMs);
      this.#waiting.add(next);
    });
  }
}
