// `npm start`: runs what `npm run build` has made, or says that it has to be made first. Of a folder (`npm run bench -- side-by-side`)
// it runs the file that the first argument names, or says which there are.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

let [, , main = ''] = process.argv;
// What is run sees its own arguments.
process.argv.splice(1, 1);
if (statSync(main, { throwIfNoEntry: false })?.isDirectory()) {
  const names = readdirSync(main).flatMap((file) => /^(.+)\.js$/.exec(file)?.[1] ?? []);
  const [name] = process.argv.splice(2, 1);
  if (!names.includes(name)) {
    console.error(`Name one of: ${names.join(', ')}.`);
    process.exit(1);
  }
  main = `${main}/${name}.js`;
}
if (existsSync(main)) {
  await import(pathToFileURL(main).href);
} else {
  console.error(`${main} is not there: run \`npm run build\` first.`);
  process.exitCode = 1;
}
