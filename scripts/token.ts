// `npm run -s token -- <user>`: prints a bearer token that the stack running on these ports accepts, alone on its line.
import { parseArgs } from 'node:util';
import { DemoIssuer } from './stack/demo-issuer.js';
import { stackSettings } from './stack/settings.js';
import { runCommand } from './support/run-command.js';

const USAGE = 'Usage: npm run -s token -- <user> [--scope "playback"] [--expires-in 3600]';

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      scope: { type: 'string', default: 'playback' },
      'expires-in': { type: 'string', default: '3600' },
    },
  });
  const [user] = positionals;
  if (user === undefined || user === '' || positionals.length > 1) throw new Error(USAGE);
  const expiresInSeconds = Number(values['expires-in']);
  if (!Number.isInteger(expiresInSeconds)) throw new Error(`--expires-in takes a whole number of seconds. ${USAGE}`);
  const { port } = stackSettings(process.env);
  console.log(await new DemoIssuer(port).token({ user, scope: values.scope, expiresInSeconds }));
});
