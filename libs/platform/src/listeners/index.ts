// Those who want to hear of what happens, such as counters. What they do must not change it.
import { Logger } from '@nestjs/common';
import { describeError } from '@app/platform/problems';

/** Calls every listener, and drops what a listener throws: whoever reports has work of its own, or nobody above it. */
export class Listeners<T> {
  readonly #listeners = new Set<(event: T) => void>();
  readonly #log = new Logger(Listeners.name);

  /** @param subject what they listen to, for the log */
  constructor(private readonly subject: string) {}

  /** Calls `listener` with every event from now on, until the answer is called. */
  subscribe(listener: (event: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** One happened. Never throws. */
  report(event: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#log.error({ err: describeError(error) }, `a listener to ${this.subject} failed`);
      }
    }
  }
}
