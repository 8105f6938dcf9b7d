// Keeps what the service logs, for tests that look into it.

export class LogCapture {
  #text = '';

  /** The stream's side, written to by the logger. */
  write(line: string): void {
    this.#text += line;
  }

  /** Forgets what was logged. */
  clear(): void {
    this.#text = '';
  }

  /** Everything logged so far. */
  get text(): string {
    return this.#text;
  }

  /** The lines, parsed. */
  get lines(): Record<string, unknown>[] {
    return this.#text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}
