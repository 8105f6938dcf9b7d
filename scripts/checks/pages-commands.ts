// What a block of shell would run, without running it: a real shell reads it, and takes notes.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One command, as the shell would have started it. */
export interface Command {
  program: string;
  args: string[];
}

// No program is in reach, so the shell hands each command to this function. Fields end with US, commands with RS: neither is
// in anything that a page has.
const PRELUDE = `
command_not_found_handle() { { printf '%s\\037' "$@"; printf '\\036'; } >> "$NOTES"; }
cd "$WORK"
`;

/**
 * The commands of a block in their order, those within `$(...)` and pipes too. None is started, and what they would print
 * is empty.
 * @throws Error with the shell's words when it does not understand the block
 */
export function commandsOf(block: string): Command[] {
  const folder = mkdtempSync(join(tmpdir(), 'page-commands-'));
  try {
    const notes = join(folder, 'notes');
    const work = join(folder, 'work');
    const nothing = join(folder, 'no-programs');
    mkdirSync(work);
    writeFileSync(notes, '');
    const options = { encoding: 'utf8', timeout: 20_000, input: '' } as const;
    const env = { PATH: nothing, NOTES: notes, WORK: work, HOME: work };
    const script = `${PRELUDE}${block}\nwait\n`;
    const syntax = spawnSync('bash', ['-n', '-c', script], options);
    if (syntax.status !== 0) throw new Error(syntax.stderr?.trim() || syntax.error?.message || 'there is no bash');
    spawnSync(whereBashIs(), ['--noprofile', '--norc', '-c', script], { ...options, env });
    return readFileSync(notes, 'utf8')
      .split('\u001E')
      .filter((line) => line !== '')
      .map((line) => line.split('\u001F').slice(0, -1))
      .map(([program = '', ...args]) => ({ program, args }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function whereBashIs(): string {
  return spawnSync('bash', ['-c', 'printf %s "$BASH"'], { encoding: 'utf8' }).stdout;
}

/** A command's arguments, sorted: words in their order, options by name; what follows `--` is apart. */
export interface Arguments {
  words: string[];
  options: Map<string, string[]>;
  /** After `--`. */
  rest: string[];
}

/**
 * Sorts arguments as most programs read them.
 * @param withValue options whose value is the next argument, unless it is joined by `=`
 */
export function sortArguments(args: readonly string[], withValue: readonly string[]): Arguments {
  const words: string[] = [];
  const options = new Map<string, string[]>();
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  for (let index = 0; index < end; index += 1) {
    const arg = args[index] ?? '';
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg);
      continue;
    }
    const [name = '', joined] = arg.split(/=(.*)/s);
    const value = joined ?? (withValue.includes(name) ? args[(index += 1)] : undefined);
    options.set(name, [...(options.get(name) ?? []), value ?? '']);
  }
  return { words, options, rest: args.slice(end + 1) };
}
