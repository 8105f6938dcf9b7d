// What an import says, in words: how far it has come, what was wrong, and the sums.
import { lengthText } from '../terminal/moments.js';
import { printableLine } from '../terminal/printable.js';
import type { ImportSummary, RefusedLine } from './import-purchases.js';

/** What is wrong with some lines in the same way. */
export interface Fault {
  message: string;
  count: number;
  /** The numbers of the first ones. */
  lines: number[];
}

const MOST_FAULTS = 1000;
const FIRST_LINES = 5;

/** Counts equal faults, in the order in which they are first met. */
export class Faults {
  readonly #faults = new Map<string, Fault>();
  /** Faults of further kinds, of which there are too many to be told apart. */
  others = 0;

  add({ line, errors }: RefusedLine): void {
    for (const { field, message: said } of errors) {
      const message = field === '' ? said : `${field}: ${said}`;
      const fault = this.#faults.get(message);
      if (fault !== undefined) {
        fault.count += 1;
        if (fault.lines.length < FIRST_LINES) fault.lines.push(line);
      } else if (this.#faults.size < MOST_FAULTS) {
        this.#faults.set(message, { message, count: 1, lines: [line] });
      } else {
        this.others += 1;
      }
    }
  }

  get list(): Fault[] {
    return [...this.#faults.values()];
  }
}

/** A line for each fault. */
export function faultsText({ list, others }: Faults): string[] {
  const texts = list.map(({ message, count, lines }) => {
    const more = count > lines.length ? ` and ${count - lines.length} more` : '';
    return printableLine(`line${count > 1 ? 's' : ''} ${lines.join(', ')}${more}: ${message}`);
  });
  return others === 0 ? texts : [...texts, `... and ${others} more faults of other kinds`];
}

/** The sums of an import that the service has ended. */
export function summaryText({ dryRun, ...summary }: ImportSummary): string {
  const { lines, created, updated, unchanged, stale, errors } = summary;
  const text = `${lines} lines: ${created} created, ${updated} updated, ${unchanged} unchanged, ${stale} stale, ${errors} refused.`;
  return dryRun === true ? `A dry run, nothing was written. ${text}` : text;
}

/** How far an import has come. */
export interface ImportProgress {
  /** The last line that is done, and how many of them were done in this run. */
  readonly lastLine: number;
  readonly done: number;
  readonly refused: number;
  /** The number of the last line of all, where it is known. */
  readonly total: number | undefined;
  /** How long it has taken so far. */
  readonly seconds: number;
}

/** @returns such as `line 2000 of 8000 (25 %), 1000 a second, 6 s left, 3 refused` */
export function progressText({ lastLine, done, refused, total, seconds }: ImportProgress): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const parts = [
    total === undefined ? `line ${lastLine}` : `line ${lastLine} of ${total} (${percent(lastLine, total)} %)`,
    ...(rate > 0 ? [`${Math.round(rate)} a second`] : []),
    ...(rate > 0 && total !== undefined ? [`${lengthText(Math.ceil((total - lastLine) / rate))} left`] : []),
    `${refused} refused`,
  ];
  return parts.join(', ');
}

function percent(part: number, total: number): number {
  return total === 0 ? 100 : Math.floor((100 * part) / total);
}
