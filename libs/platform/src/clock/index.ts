// The one source of "now": injected everywhere, so that tests move time instead of sleeping.
import { Global, Module } from '@nestjs/common';

export { AbandonedError, Budget } from './budget.js';

/** What time it is. Inject this class; `SystemClock` is bound in production, `ManualClock` in tests. */
export abstract class Clock {
  /** The present moment, with millisecond precision. */
  abstract now(): Date;
}

/** The machine's clock. */
export class SystemClock extends Clock {
  override now(): Date {
    return new Date();
  }
}

/** A clock that stands still until it is told to move. */
export class ManualClock extends Clock {
  #milliseconds: number;

  /** @param start the first moment `now` answers with */
  constructor(start: Date) {
    super();
    this.#milliseconds = start.getTime();
  }

  override now(): Date {
    return new Date(this.#milliseconds);
  }

  /** Moves the clock on by a number of seconds (fractions allowed, negative moves it back). */
  advance(seconds: number): void {
    this.#milliseconds += seconds * 1000;
  }

  /** Sets the clock to a moment. */
  set(moment: Date): void {
    this.#milliseconds = moment.getTime();
  }
}

/** Makes the machine's clock injectable everywhere in an app, as `Clock`. */
@Global()
@Module({ providers: [{ provide: Clock, useClass: SystemClock }], exports: [Clock] })
export class ClockModule {}
