// `npm run demo`: a stack and a guided walk through it; it stays up for exploring, or ends with `-- --once`.
import { parseArgs } from 'node:util';
import { walk } from './demo/walk.js';
import { askText, startStack, stackSettings } from './stack/stack.js';
import { runCommand, untilSignal } from './support/run-command.js';

await runCommand(async () => {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
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
`);
    await stack.untilEnd(signal);
  } finally {
    await stack.stop();
  }
});
