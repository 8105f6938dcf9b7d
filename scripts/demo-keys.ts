// Makes the key pair that demo users' bearer tokens are signed with, unless it is there: `docker compose` and the local
// cluster run it before the service. Tokens at hand stay good for as long as the folder does.
import { existsSync } from 'node:fs';
import { DemoIssuer } from './stack/demo-issuer.js';
import { stackSettings } from './stack/stack.js';
import { runCommand } from './support/run-command.js';

await runCommand(async () => {
  const issuer = new DemoIssuer(stackSettings().port);
  if (existsSync(issuer.jwksFile)) return console.log('The demo issuer has its keys.');
  await issuer.create();
  console.log('The demo issuer has new keys.');
});
