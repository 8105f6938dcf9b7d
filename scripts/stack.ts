// `npm run stack`: the whole service in the foreground, until Ctrl-C or SIGTERM.
import { parseArgs } from 'node:util';
import { askText, STACK_VARIABLES, startStack, stackSettings, type Stack } from './stack/stack.js';
import { runCommand, untilSignal } from './support/run-command.js';

const HELP = `Usage: npm run stack

Starts Postgres with demo data, the ExpressPlay emulator and the service, until Ctrl-C, and says what to try.

${STACK_VARIABLES}`;

await runCommand(async () => {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help) return console.log(HELP);
  const signal = untilSignal();
  const stack = await startStack(stackSettings('info'), (step) => console.log(`· ${step}`));
  try {
    console.log(nextText(stack));
    console.log(`stack ready: service ${stack.serviceUrl}, emulator ${stack.emulatorUrl}; Ctrl-C ends it`);
    await stack.untilEnd(signal);
  } finally {
    console.log('· ending the stack');
    await stack.stop();
    console.log('stack ended');
  }
});

/** What people need next, from another terminal. */
function nextText(stack: Stack): string {
  const { serviceUrl, emulatorUrl, playerUrl, databaseUrl, environmentFile, npm } = stack;
  return `
  player      ${playerUrl}
  API         ${serviceUrl}/docs
  emulator    ${emulatorUrl}/emulator/requests
  database    ${databaseUrl}
  settings    ${environmentFile} (the command line finds them)

  viewers     alice owns all titles; of clip and sintel each: bob rents, grace owns and rents, carol's rental is over,
              dave's play window too, erin had a refund, frank bought nothing
  titles      clip (with pictures), sintel, tears-of-steel, big-buck-bunny, cosmos-laundromat (to come), elephants-dream (withdrawn)
  ask         ${askText(stack, 14)}
  why         ${npm} ctl -- explain bob sintel
  store       ${npm} token -- store --scope "catalog:write purchases:write ledger:read"
`;
}
