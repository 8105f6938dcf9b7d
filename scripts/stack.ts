// `npm run stack`: the whole service in the foreground, until Ctrl-C or SIGTERM.
import { stackSettings } from './stack/settings.js';
import { startStack } from './stack/stack.js';
import { untilSignal } from './stack/until-signal.js';
import { runCommand } from './support/run-command.js';

await runCommand(async () => {
  const signal = untilSignal();
  const stack = await startStack(stackSettings(process.env), (step) => console.log(`· ${step}`));
  try {
    console.log(`  bearer tokens   npm run -s token -- bob`);
    console.log(`stack ready: service ${stack.serviceUrl}, emulator ${stack.emulatorUrl}; Ctrl-C ends it`);
    const broken = await Promise.race([signal.then(() => undefined), stack.broken]);
    if (broken !== undefined) throw new Error(`The ${broken} has ended.`);
  } finally {
    console.log('· ending the stack');
    await stack.stop();
    console.log('stack ended');
  }
});
