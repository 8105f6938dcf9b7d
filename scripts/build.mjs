// `npm run build`, and the first step of every command that runs what is built: builds all of it (`dist`) unless nothing has
// changed since. What it says goes to the standard error.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

// An older npm does not know `devEngines`. `libs/platform/src/node-version` has the same rule for what is built.
const [major, minor, patch] = process.versions.node.split('.').map(Number);
if (!(major >= 24 || (major === 22 && minor >= 15) || (major === 20 && minor * 100 + patch >= 1905))) {
  console.error(`Node ${process.versions.node} is too old: 20.19.5, 22.15 or 24, or newer, is needed.`);
  process.exit(1);
}

const FOLDERS = ['apps', 'bench', 'libs', 'prisma', 'scripts'];
const FILES = ['nest-cli.json', 'package-lock.json', 'tsconfig.build.json', 'tsconfig.json'];
/** Of which sources this is the build; a failed build leaves none. */
const STAMP = 'dist/.sources';

const sources = digest();
if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== sources) {
  console.error('building: this takes a while (10 to 60 s), and is done again only when sources have changed');
  const began = performance.now();
  rmSync(STAMP, { force: true });
  run('prisma', 'generate', '--no-hints');
  run('nest', 'build');
  // Not before the build: something may be running from there.
  for (const built of FOLDERS.flatMap((folder) => filesOf(`dist/${folder}`))) {
    const source = built.slice('dist/'.length);
    if (!existsSync(source) && !existsSync(source.replace(/\.js(\.map)?$/, '.ts'))) rmSync(built);
  }
  writeFileSync(STAMP, sources);
  console.error(`built in ${Math.round((performance.now() - began) / 1000)} s`);
}

/** Of everything that the build reads: names and contents, so that what was removed, renamed or brought back counts too. */
function digest() {
  const hash = createHash('sha256');
  const paths = FOLDERS.flatMap(filesOf).filter((path) => !/\.spec\.ts$|\/database\/generated\//.test(path));
  for (const path of [...FILES, ...paths]) hash.update(`${path}\0`).update(readFileSync(path));
  return hash.digest('hex');
}

function filesOf(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`)
    .sort();
}

/** A tool of this project; its output is said where it goes wrong. */
function run(tool, ...args) {
  const { status, error, output } = spawnSync(`node_modules/.bin/${tool}`, args, { encoding: 'utf8' });
  if (status === 0) return;
  console.error(`${error?.message ?? output.join('')}\n${tool} ${args.join(' ')} failed.`);
  process.exit(status ?? 1);
}
