// What is expected of the answer to any request, and what was seen.
import { PROBLEMS } from '@app/platform/problems';
import { expect } from 'vitest';
import type { FuzzAnswer } from './fuzz-connection.js';

/** How many answers of each status were seen. */
export class Statuses {
  readonly #counts = new Map<number, number>();

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  get seen(): readonly number[] {
    return [...this.#counts.keys()];
  }

  count(status: number): void {
    this.#counts.set(status, (this.#counts.get(status) ?? 0) + 1);
  }
}

const isCallersFault = (status: number) => status >= 400 && status < 500;

/** An answer for somebody who may, or a problem of the caller's own making that says which. */
export function expectFit({ status, headers, body }: FuzzAnswer, statuses: Statuses): void {
  statuses.count(status);
  if (status >= 200 && status < 300) return;
  // One import at a time is served, the next is told to wait.
  if (status === 503 && body.includes('"code":"overloaded"')) return;
  expect({ status, body }).toEqual({ status: expect.toSatisfy(isCallersFault) as number, body });
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
  if (body === '') return;
  const { code, ...document } = JSON.parse(Buffer.from(body, 'latin1').toString()) as Record<string, unknown>;
  expect(Object.keys(PROBLEMS)).toContain(code);
  expect([document['status'], PROBLEMS[code as keyof typeof PROBLEMS].status]).toEqual([status, status]);
}
