// The counts of a run, and each thing that does not agree with all that is known of it.
import type { Happening } from './book.js';
import { grouped, type Evidence, type Violation } from './evidence.js';
import { lostTokens } from './reckoning-tokens.js';

const MOST_SHOWN = 10;

export function countsOf(evidence: Evidence, destroyed: ReadonlyMap<string, Record<string, number>>): string {
  const { book, ledger, issued } = evidence;
  const delivered = new Set(book.tokens.flatMap(({ id }) => id ?? []));
  const granted = ledger.filter(({ decision }) => decision === 'granted');
  const givenUp = ledger.filter(({ id, decision }) => decision === 'failed' && issued.has(id));
  const tokens = {
    issued: issued.size,
    delivered: delivered.size,
    'in the ledger': granted.length,
    'in the ledger and not delivered': granted.filter(({ id }) => !delivered.has(id)).length,
    'issued after they were given up': givenUp.length,
    lost: lostTokens(evidence).length,
  };
  const answers = grouped(book.calls, ({ kind }) => kind);
  const outcomes = [...answers].filter(([kind]) => kind !== 'token');
  return [
    ...[...answers].map(([kind, calls]) => line(kind, counted(calls.map(({ status }) => status ?? 'unanswered')))),
    ...outcomes.map(([kind, calls]) => line(`${kind}, told`, counted(calls.map(({ said }) => said || 'nothing')))),
    line(
      'disturbances',
      counted(book.happenings.map(({ kind, detail }) => (detail.startsWith('none') ? 'none' : kind))),
    ),
    line('tokens', tokens),
    line('ledger', counted(ledger.map(({ decision, first_play: first }) => decision + (first ? ', first play' : '')))),
    line('connections destroyed', summed([...destroyed.values()])),
  ].join('\n');
}

function line(title: string, counts: Record<string, number>): string {
  const said = Object.entries(counts).map(([name, count]) => `${name}: ${count}`);
  return `${title.padEnd(22)} ${said.join('; ')}`;
}

function counted(names: readonly (string | number)[]): Record<string, number> {
  const groups = [...grouped(names, String)].map(([name, same]) => [name, same.length] as const);
  return Object.fromEntries(groups.sort(([one], [other]) => one.localeCompare(other)));
}

/** By reason, of all replicas. */
function summed(all: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [series, count] of all.flatMap((one) => Object.entries(one))) {
    const reason = /reason="(.*)"/.exec(series)?.[1] ?? series;
    sum[reason] = (sum[reason] ?? 0) + count;
  }
  return sum;
}

/** The first ones of each rule. */
export function shownViolations(violations: readonly Violation[], happenings: readonly Happening[]): string {
  const shown = violations.filter(
    ({ rule }, index) => violations.slice(0, index).filter((other) => other.rule === rule).length < MOST_SHOWN,
  );
  return shown.map((violation) => shownViolation(violation, happenings)).join('\n');
}

function shownViolation({ rule, what, facts, from, until }: Violation, happenings: readonly Happening[]): string {
  const on = happenings.filter((happening) => happening.from <= until && happening.until >= from);
  const around = on.map(
    ({ kind, detail, ...span }) => `${kind} ${span.from.toFixed(0)}-${span.until.toFixed(0)}: ${detail}`,
  );
  return [`rule ${rule}: ${what}`, ...linesOf(facts), `meanwhile: ${around.join('; ')}`].join('\n');
}

/** One line for each member, and for each of a list; what is null says nothing. */
function linesOf(facts: object): string[] {
  return Object.entries(facts).flatMap(([name, fact]) => {
    const lines: unknown[] = Array.isArray(fact) ? fact : [fact];
    const isSaid = (_key: string, value: unknown) => (value === null ? undefined : value);
    return lines.map((one) => `  ${name} ${JSON.stringify(one, isSaid)}`);
  });
}
