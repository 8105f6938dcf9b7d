// `npm run demo`: a stack and a guided walk through it; it stays up for exploring, or ends with `-- --once`.
import { parseArgs } from 'node:util';
import { walk } from './stack/demo-walk.js';
import { askText, STACK_VARIABLES, startStack, stackSettings } from './stack/stack.js';
import { runCommand, untilSignal } from './support/run-command.js';

const HELP = `Usage: npm run demo [-- --once]

Starts a stack as \`npm run stack\` does, walks through it, and leaves it up until Ctrl-C; with --once it ends by itself.

${STACK_VARIABLES}`;

await runCommand(async () => {
  const { values } = parseArgs({ options: { once: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) return console.log(HELP);
  const signal = untilSignal();
  const stack = await startStack(stackSettings(), (step) => console.log(`· ${step}`));
  try {
    const failures = await walk(stack);
    if (failures > 0) throw new Error(`${failures} step(s) of the demo did not do what they say.`);
    console.log('\nEvery step did what it says.');
    if (values.once) return;
    console.log(`
The stack stays up; Ctrl-C ends it. Try it from another terminal:

  ${askText(stack, 4)}

  curl -s ${stack.emulatorUrl}/emulator/requests

Watch a title as one of the viewers, in a browser: ${stack.playerUrl}
`);
    await stack.untilEnd(signal);
  } finally {
    await stack.stop();
  }
});
