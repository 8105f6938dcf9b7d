// What the generator is told on its command line.
import { parseArgs } from 'node:util';
import { integerOption, momentOption } from '../../apps/entitlement/src/cli/terminal/values.js';

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
  --at <moment>    what live and ended are relative to, RFC 3339 (by default now)

Run again with larger numbers, it adds the rest; so it does after it was stopped half way.`;

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
  const integer = (name: 'purchases' | 'users' | 'contents' | 'seed', least: number, most: number) =>
    integerOption(`--${name}`, values[name], least, most);
  return {
    purchases: integer('purchases', 0, 1_000_000_000),
    users: integer('users', 1, 100_000_000),
    contents: integer('contents', 1, 1_000_000),
    seed: integer('seed', 0, 1_000_000_000),
    at: values.at === undefined ? now : momentOption('--at', values.at),
  };
}
