// Keeps one answer for everybody who asks within a moment, so that asking often costs no more than asking once.
import type { Clock } from '@app/platform/clock';

/** The outcome of a question, good or bad, shared while it is under way and for a time after. */
export class RecentAnswer<T> {
  #latest: { readonly answer: Promise<T>; answeredAt?: number } | undefined;

  /**
   * @param ask what is asked when there is no answer, or none that is young enough
   * @param longestMs how long an answer is kept from its arrival, in milliseconds
   */
  constructor(
    private readonly ask: () => Promise<T>,
    private readonly longestMs: number,
    private readonly clock: Clock,
  ) {}

  /** The answer under way, the last one, or a new one. @throws what asking threw, to all who share it */
  get(): Promise<T> {
    if (this.#latest === undefined || this.#isOld(this.#latest.answeredAt)) {
      const latest: { readonly answer: Promise<T>; answeredAt?: number } = { answer: this.ask() };
      const arrived = () => void (latest.answeredAt = this.clock.now().getTime());
      latest.answer.then(arrived, arrived);
      this.#latest = latest;
    }
    return this.#latest.answer;
  }

  #isOld(answeredAt: number | undefined): boolean {
    if (answeredAt === undefined) return false;
    const age = this.clock.now().getTime() - answeredAt;
    // A clock that was set back must not keep an answer for long.
    return age < 0 || age >= this.longestMs;
  }
}
