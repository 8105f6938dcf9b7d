// What a conformance case is: a valid request, one thing changed, and what must come of it.
import type { Service } from '../documented-codes.js';
import type { AccountName } from '../support/accounts.js';
import type { Parameters } from '../support/parameters.js';

/** What a request must come to: a token, or the event code it is refused with. */
export type Outcome = 'issued' | number;

/** One case of one service. */
export interface ConformanceCase {
  readonly name: string;
  readonly service: Service;
  /** Changes to the service's valid request: added, replaced, or (undefined) removed. */
  readonly change: Parameters;
  readonly outcome: Outcome;
  /** Whose authenticator is sent; by default the good account's of the test environment. */
  readonly account?: AccountName;
  /** An event code that the emulator is told to answer with. */
  readonly fault?: number;
}

/** One row of a table: what is asked, the changes, and the outcome. */
export type Row = readonly [name: string, change: Parameters, outcome: Outcome];

/** The rows as cases of a service. */
export function casesOf(service: Service, rows: readonly Row[]): ConformanceCase[] {
  return rows.map(([name, change, outcome]) => ({ name, service, change, outcome }));
}

/** One case for each value of a parameter. */
export function valuesOf(parameter: string, outcome: Outcome, values: readonly string[], also: Parameters = {}): Row[] {
  return values.map((value) => [`${parameter}=${value}`, { ...also, [parameter]: value }, outcome]);
}
