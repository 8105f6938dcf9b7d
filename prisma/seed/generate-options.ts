// What the generator is told on its command line.
import { parseArgs } from 'node:util';

export interface GenerateOptions {
  /** Purchases that there will be, those of earlier runs included. */
  purchases: number;
  /** Users they are spread over. */
  users: number;
  /** Titles that there will be, and that they are of. */
  contents: number;
  /** The same seed and the same moment give the same purchases. */
  seed: number;
  /** The moment that live and ended are relative to. */
  at: Date;
}

export const GENERATE_USAGE = `npm run db:generate -- --users 100000 --purchases 10000000

  --purchases <n>  purchases that there will be in the end (0 to 1000000000, by default 10000)
  --users <n>      users, user-1 to user-<n> (1 to 100000000, by default 1000)
  --contents <n>   titles, generated-1 to generated-<n> (1 to 1000000, by default 2000)
  --seed <n>       another number gives other purchases (0 to 1000000000, by default 1)
  --at <moment>    what live and ended are relative to, RFC 3339 in Z (by default now)

Run again with larger numbers, it adds the rest; so it does after it was stopped half way.`;

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

/**
 * Reads the arguments.
 * @returns undefined when `--help` is among them
 * @throws Error that names the argument
 */
export function generateOptions(args: readonly string[], now: Date): GenerateOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      purchases: { type: 'string', default: '10000' },
      users: { type: 'string', default: '1000' },
      contents: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      at: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    purchases: integer('--purchases', values.purchases, 0, 1_000_000_000),
    users: integer('--users', values.users, 1, 100_000_000),
    contents: integer('--contents', values.contents, 1, 1_000_000),
    seed: integer('--seed', values.seed, 0, 1_000_000_000),
    at: values.at === undefined ? now : moment(values.at),
  };
}

function integer(name: string, text: string, least: number, most: number): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(number >= least && number <= most)) throw new Error(`${name} must be a whole number, ${least} to ${most}.`);
  return number;
}

function moment(text: string): Date {
  const at = new Date(MOMENT.test(text) ? text : NaN);
  if (Number.isNaN(at.getTime())) throw new Error(`--at must be a moment such as 2026-11-21T10:00:00Z.`);
  return at;
}
