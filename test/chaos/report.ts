// The counts of a run, and each thing that does not agree with all that is known of it.
import type { Book, Happening } from './book.js';
import { lostTokens } from './reckoning-tokens.js';
import type { Evidence, Violation } from './evidence.js';

const MOST_SHOWN = 10;

export function countsOf(evidence: Evidence, destroyed: ReadonlyMap<string, Record<string, number>>): string {
  const { book, ledger, issued } = evidence;
  const delivered = new Set(book.tokens.flatMap(({ id }) => id ?? []));
  const granted = ledger.filter(({ decision }) => decision === 'granted');
  const notGranted = ledger.filter(({ id, decision }) => decision === 'failed' && issued.has(id));
  const sections = {
    calls: byKind(book),
    'what store and support were told': counted(
      book.calls.filter(({ kind }) => kind !== 'token').map(({ kind, said, status }) => `${kind} ${said || status}`),
    ),
    disturbances: counted(book.happenings.map(({ kind, detail }) => (detail.startsWith('none') ? 'none' : kind))),
    tokens: {
      issued: issued.size,
      delivered: delivered.size,
      'in the ledger': granted.length,
      'in the ledger, not delivered': granted.filter(({ id }) => !delivered.has(id)).length,
      'issued after they were given up': notGranted.length,
      lost: lostTokens(evidence).length,
    },
    ledger: counted(ledger.map(({ decision, first_play: first }) => (first ? `${decision}, first play` : decision))),
    'connections destroyed': summed([...destroyed.values()]),
  };
  return Object.entries(sections)
    .map(([title, counts]) => {
      const lines = Object.entries(counts).map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`);
      return [title, ...lines].join('\n');
    })
    .join('\n');
}

function byKind({ calls }: Book): Record<string, number> {
  return counted(calls.map(({ kind, status }) => `${kind} ${status ?? 'unanswered'}`));
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([one], [other]) => one.localeCompare(other)));
}

function summed(all: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [name, count] of all.flatMap((one) => Object.entries(one))) sum[name] = (sum[name] ?? 0) + count;
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
    return lines.map((line) => `  ${name} ${JSON.stringify(line, isSaid)}`);
  });
}
