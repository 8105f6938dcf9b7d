// Waiting for something that must happen, without waiting for ever.

/** @throws Error naming what did not happen in time */
export async function within<T>(milliseconds: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Something that happens once and that others wait for. */
export class Signal {
  #raise: () => void = () => undefined;

  /** Settles when it has happened. */
  readonly raised = new Promise<void>((resolve) => {
    this.#raise = resolve;
  });

  raise(): void {
    this.#raise();
  }
}
