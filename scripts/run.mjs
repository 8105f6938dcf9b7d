// `npm start`: runs what `npm run build` has made, or says that it has to be made first. Of a folder (`npm run bench -- side-by-side`)
// it runs the file that the first argument names.
import { existsSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

let [, , main = ''] = process.argv;
// What is run sees its own arguments.
process.argv.splice(1, 1);
if (statSync(main, { throwIfNoEntry: false })?.isDirectory()) {
  const [name] = process.argv.splice(2, 1);
  main = `${main}/${name}.js`;
}
if (existsSync(main)) {
  await import(pathToFileURL(main).href);
} else {
  console.error(`${main} is not there: run \`npm run build\` first.`);
  process.exitCode = 1;
}
