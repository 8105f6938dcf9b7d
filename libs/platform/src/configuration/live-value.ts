// A configured value that can be replaced while the process runs: a secret whose file has changed.
import { inspect } from 'node:util';

/** How often a value's file is looked at, at most. A swapped secret is in force this long after the swap. */
const CHECK_INTERVAL_MS = 1000;

/** A value that holds something to clear, and so wants to know when it is no longer in force. */
export interface Retirable {
  /** Called once. Whoever took the value before may still be using it. */
  retire(): void;
}

interface ValueSource<T> {
  /** Looks for a newer value; undefined when the one in force stays. Never throws. */
  look(): { readonly value: T } | undefined;
  /** Milliseconds on any clock. */
  now(): number;
}

/**
 * A value that may change. Read `current` at each use and do not keep what it gives. Printing a LiveValue shows `[hidden]`.
 *
 * Its file is looked at when it is used, at most once a second, and not from a timer: there is nothing to start and to
 * stop, and an idle process does nothing. Mounted secrets are small and in memory, so a look takes some microseconds.
 */
export class LiveValue<T> {
  #value: T;
  readonly #source: ValueSource<T> | undefined;
  #lookedAt: number;

  constructor(value: T, source?: ValueSource<T>) {
    this.#value = value;
    this.#source = source;
    this.#lookedAt = source?.now() ?? 0;
  }

  /** The value in force: at most a second behind its file. */
  get current(): T {
    const since = (this.#source?.now() ?? 0) - this.#lookedAt;
    // A clock that was set back must not keep the file from being looked at.
    return since >= 0 && since < CHECK_INTERVAL_MS ? this.#value : this.refresh();
  }

  /** The value in force after a look at its file just now: for when the current one turned out to be of no use. */
  refresh(): T {
    if (this.#source === undefined) return this.#value;
    this.#lookedAt = this.#source.now();
    const newer = this.#source.look();
    if (newer !== undefined) {
      const replaced = this.#value;
      this.#value = newer.value;
      retire(replaced);
    }
    return this.#value;
  }

  toJSON(): string {
    return '[hidden]';
  }

  [inspect.custom](): string {
    return '[hidden]';
  }
}

/** Tells a value that it is not in force, if it wants to know. */
export function retire(value: unknown): void {
  (value as Partial<Retirable> | null | undefined)?.retire?.();
}
