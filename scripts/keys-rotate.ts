// `npm run keys:rotate -- --to <kekId>`: wraps every content key of DATABASE_URL under one KEK of CONTENT_KEY_KEKS.
import 'reflect-metadata';
import { processEnvironment } from '@app/configuration';
import { rotateCommand } from './keys/rotate-command.js';
import { runCommand } from './support/run-command.js';

await runCommand(() => rotateCommand(process.argv.slice(2), processEnvironment(), (line) => console.log(line)));
