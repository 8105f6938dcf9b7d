// Says of times what is typical and what is rare.

/** Milliseconds: half, all but one in a hundred, and all but one in a thousand, took at most this. */
export interface Timing {
  p50: number;
  p99: number;
  p999: number;
}

/** @param milliseconds at least one */
export function timingOf(milliseconds: readonly number[]): Timing {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}
