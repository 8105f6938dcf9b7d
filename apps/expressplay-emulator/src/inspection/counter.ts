// A counter by labels, written as Prometheus reads it.

/** Counts, one for each combination of the labels' values. */
export class Counter {
  readonly #counts = new Map<string, number>();

  /** @param labels names of the labels, in the order that `add` takes their values in */
  constructor(
    private readonly name: string,
    private readonly help: string,
    private readonly labels: readonly string[],
  ) {}

  /** Counts up. The values are names and codes of this project's, so that nothing in them needs escaping. */
  add(values: readonly (string | number)[], by = 1): void {
    const key = this.labels.map((label, index) => `${label}="${values[index]}"`).join(',');
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + by);
  }

  /** Prometheus' text format, with a line break at the end. */
  render(): string {
    const samples = [...this.#counts].map(([key, count]) => `${this.name}{${key}} ${count}`);
    return [`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} counter`, ...samples, ''].join('\n');
  }
}
