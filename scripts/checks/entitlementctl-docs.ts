// Keeps the help in docs/entitlementctl.md equal to that of the commands: prints the drift and fails, or rewrites with `--write`.
import 'reflect-metadata';
import { SystemClock } from '@app/platform/clock';
import { run } from '../../apps/entitlement/src/cli/run.js';
import { keepGenerated, replaceSection } from './generated-document.js';

const COMMANDS = ['', 'doctor', 'explain', 'token', 'keys rotate', 'import', 'issuances'];
/** The same for each command; the first help has it. */
const GLOBAL_OPTIONS = /Global Options:\n(?: .*\n)+\n/;

const helps = new Map<string, string>();
for (const command of COMMANDS) helps.set(command, await helpOf(command));

await keepGenerated(
  'docs/entitlementctl.md',
  (current) =>
    [...helps].reduce(
      (document, [command, help]) =>
        replaceSection(
          document,
          `help ${command}`.trim(),
          `\`\`\`text\n${help.replace(GLOBAL_OPTIONS, '').trimEnd()}\n\`\`\``,
        ),
      current,
    ),
  'the help of entitlementctl',
);

async function helpOf(command: string): Promise<string> {
  let text = '';
  const sink = { write: (written: string) => void (text += written) };
  await run([...command.split(' ').filter((word) => word !== ''), '--help'], {
    env: {},
    stdin: process.stdin,
    stdout: sink,
    stderr: sink,
    clock: new SystemClock(),
    signal: new AbortController().signal,
  });
  return text;
}
