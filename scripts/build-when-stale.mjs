// Builds when something is not built, or was before its sources changed; what the build says goes to the standard error.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, statSync } from 'node:fs';

const [, , built] = process.argv;
const since = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
// A link may lead nowhere, and a file be gone by now.
const isNewer = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs > since;
const sources = ['apps', 'libs', 'prisma', 'scripts', 'package-lock.json'];

if (sources.some((path) => isNewer(path) || filesOf(path).some(isNewer))) {
  const { status } = spawnSync('npm', ['run', 'build'], { stdio: ['ignore', 2, 2] });
  process.exitCode = status ?? 1;
  // The compiler writes in spite of errors: the next run would take that for a build.
  if (status !== 0) rmSync(built, { force: true });
}

function filesOf(path) {
  if (!statSync(path).isDirectory()) return [];
  return readdirSync(path, { recursive: true }).map((name) => `${path}/${name}`);
}
