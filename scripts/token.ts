// `npm run -s token -- <user>`: prints a bearer token that the stack running on these ports accepts, alone on its line.
import 'reflect-metadata';
import { SystemClock } from '@app/platform/clock';
import { run } from '../apps/entitlement/src/cli/run.js';

const { env, stdin, stdout, stderr } = process;
const { signal } = new AbortController();
// The stack is told its ports by these variables alone, and not by an env file.
process.exitCode = await run(['token', ...process.argv.slice(2)], {
  env,
  stdin,
  stdout,
  stderr,
  clock: new SystemClock(),
  signal,
});
