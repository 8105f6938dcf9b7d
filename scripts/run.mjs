// `npm start`: runs what `npm run build` has made, or says that it has to be made first.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , main = ''] = process.argv;
if (existsSync(main)) {
  // What is run sees its own arguments.
  process.argv.splice(1, 1);
  await import(pathToFileURL(main).href);
} else {
  console.error(`${main} is not there: run \`npm run build\` first.`);
  process.exitCode = 1;
}
