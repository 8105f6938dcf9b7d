// Tells how far a long run is: rows, rate, and time left, every few seconds.

const EVERY_MS = 5000;

export class Progress {
  readonly #startedAt: number;
  #toldAt: number;

  /**
   * @param already rows that were there before
   * @param total rows that there will be
   * @param say takes a line
   * @param milliseconds a clock that only goes forward
   */
  constructor(
    private readonly already: number,
    private readonly total: number,
    private readonly say: (line: string) => void,
    private readonly milliseconds: () => number = () => performance.now(),
  ) {
    this.#startedAt = milliseconds();
    this.#toldAt = this.#startedAt;
  }

  /** @param rows how many there are now */
  reached(rows: number): void {
    const now = this.milliseconds();
    const done = rows >= this.total;
    if (!done && now - this.#toldAt < EVERY_MS) return;
    this.#toldAt = now;
    const seconds = Math.max(0.001, (now - this.#startedAt) / 1000);
    const rate = (rows - this.already) / seconds;
    const percent = Math.floor((rows / this.total) * 100);
    const rest = done ? `done in ${duration(seconds)}` : `${duration((this.total - rows) / rate)} left`;
    this.say(`purchases: ${grouped(rows)} of ${grouped(this.total)} (${percent}%), ${grouped(rate)} rows/s, ${rest}`);
  }
}

/** A number with its thousands apart. */
export function grouped(number: number): string {
  return Math.round(number).toLocaleString('en');
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
