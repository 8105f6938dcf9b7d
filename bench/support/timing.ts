// Times statements, and says what is typical and what is rare.
import type { Client } from 'pg';
import type { Statement } from './query-plan.js';

/** Milliseconds: half, all but one in a hundred, and all but one in a thousand, took at most this. */
export interface Timing {
  p50: number;
  p99: number;
  p999: number;
}

/** Milliseconds of one statement, from this process to the database and back, planning included. What it did is undone. */
export async function timeOf(client: Client, { text, values }: Statement): Promise<number> {
  await client.query('BEGIN');
  const start = performance.now();
  await client.query(text, values);
  const milliseconds = performance.now() - start;
  await client.query('ROLLBACK');
  return milliseconds;
}

/** @param milliseconds at least one */
export function timingOf(milliseconds: readonly number[]): Timing {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}
