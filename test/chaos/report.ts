// The counts of a run, and each thing that does not agree with all that is known of it.
import { type Call, type Happening, isOpen, isTaken, type TokenCall } from './book.js';
import { grouped, type Evidence, type LedgerRow, type Violation } from './evidence.js';
import { lostTokens } from './reckoning-tokens.js';

const MOST_SHOWN = 10;

/** The heading of the table that the rows of `Figures` make, in Markdown. */
export const FIGURES_HEAD = [
  '| what goes wrong | requests | answered well | refused | failed | slowest, ms | tokens bought for nobody | recovers in, s |',
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
];

/** What came of the requests of one scenario. */
export class Figures {
  /** What failed, with a 5xx or a connection that broke, and how often. */
  readonly failures: Record<string, number>;
  /** How many of those that failed asked for a token. */
  readonly tokensFailed: number;
  /** How many were answered as was asked. */
  readonly answered: number;
  readonly slowestMs: number;
  /** Issued by ExpressPlay, and in no player's hands; without those that were thrown away because the purchase changed. */
  readonly forNobody: number;
  readonly row: string;

  /**
   * @param before how many calls there were, and which tokens had been issued, when it began
   * @param recoveryMs from the end of the disturbance to the first second without a failed request
   */
  constructor(
    name: string,
    { book, ledger, issued }: Evidence,
    before: { calls: number; issued: ReadonlySet<string> },
    recoveryMs: number,
  ) {
    // A line of an import is no request.
    const calls = book.calls.slice(before.calls).filter(({ kind }) => kind !== 'import line');
    const changed = ledger.filter(({ reason }) => reason === 'purchase-changed');
    const known = new Set([...book.tokens.flatMap(({ id }) => id ?? []), ...changed.map(({ id }) => id)]);
    const failed = calls.filter((call) => isOpen(call) && !isOvertaken(call, changed));
    this.tokensFailed = failed.filter(({ kind }) => kind === 'token').length;
    this.failures = counted(failed.map(({ status, said }) => (status === null ? 'unanswered' : `${status} ${said}`)));
    this.slowestMs = Math.max(0, ...calls.map(({ sentAt, answeredAt }) => answeredAt - sentAt));
    this.forNobody = [...issued].filter((id) => !known.has(id) && !before.issued.has(id)).length;
    this.answered = calls.filter(isTaken).length;
    const counts = [calls.length, this.answered, calls.length - this.answered - failed.length, failed.length];
    const cells = [name, ...counts, Math.round(this.slowestMs), this.forNobody, (recoveryMs / 1000).toFixed(1)];
    this.row = `| ${cells.join(' | ')} |`;
  }
}

/** Whether the purchase changed twice while a token of it was bought: its callers' doing, whatever else went wrong. */
function isOvertaken(call: Call, changed: readonly LedgerRow[]): boolean {
  if (call.status !== 503 || !('title' in call)) return false;
  const { user, title, sentOn, answeredOn } = call as TokenCall;
  return changed.some(
    ({ user_id: whose, content_id: what, decided_at: at }) =>
      whose === user && what === title && Number(at) >= sentOn && Number(at) <= answeredOn,
  );
}

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
    line('disturbances', counted(book.happenings.map(({ kind, met }) => (met === 0 ? 'none' : kind)))),
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
