// Tells the walk in lines that read well in a terminal and in a log, and keeps count of what did not go as said.

export class Narrator {
  #step = 0;
  #failures = 0;

  /** How many expectations were not met. */
  get failures(): number {
    return this.#failures;
  }

  /** Begins a step. */
  step(title: string): void {
    this.#step += 1;
    console.log(`\n${this.#step}. ${title}`);
  }

  /** Says one thing under a label. */
  say(label: string, text: string): void {
    console.log(`   ${label.padEnd(9)} ${text}`);
  }

  /** Says that something is as it should be, or that it is not. */
  expect(what: string, met: boolean): void {
    if (!met) this.#failures += 1;
    console.log(`   ${met ? '✓' : '✗ NOT'} ${what}`);
  }
}
