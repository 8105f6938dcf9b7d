// Builds when something is not built, or was before its sources changed; what the build says goes to the standard error.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';

const [, , built] = process.argv;
const since = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
const isNewer = (path) => statSync(path).mtimeMs > since;
const sources = ['apps', 'libs', 'prisma', 'scripts', 'package-lock.json'];

if (sources.some((path) => isNewer(path) || filesOf(path).some(isNewer))) {
  const { status } = spawnSync('npm', ['run', 'build'], { stdio: ['ignore', 2, 2] });
  process.exitCode = status ?? 1;
}

function filesOf(path) {
  if (!statSync(path).isDirectory()) return [];
  return readdirSync(path, { recursive: true }).map((name) => `${path}/${name}`);
}
