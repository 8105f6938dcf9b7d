// `npm run dependencies:check`: every package that this project asks for has a reason in docs/dependencies.md, every version
// is exact, and no package runs a script at installation that nobody decided on. Needs nothing installed, so it can run first.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const LIST = 'docs/dependencies.md';
const GROUPS = { dependencies: '## What ships', devDependencies: '## What builds and tests' };
const EXACT = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;
const REGISTRY = 'https://registry.npmjs.org/';

const root = process.argv[2] ?? '.';
const read = (file) => readFileSync(join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json'));
const lock = JSON.parse(read('package-lock.json'));
const findings = [];

for (const [group, heading] of Object.entries(GROUPS)) compareWithList(group, heading);
for (const group of ['optionalDependencies', 'peerDependencies', 'bundleDependencies']) {
  if (Object.keys(manifest[group] ?? {}).length > 0) findings.push(`package.json  ${group}: this project has none`);
}
checkLock();
checkInstallScripts();

for (const finding of findings) console.error(finding);
const direct = Object.keys(GROUPS).flatMap((group) => Object.keys(manifest[group] ?? {}));
const locked = Object.keys(lock.packages).length - 1;
console.log(`dependencies: ${direct.length} asked for, ${locked} locked, ${findings.length} findings`);
if (findings.length > 0) process.exitCode = 1;

/** Package, version and reason: in the manifest, in the list, and the same in the lock file. */
function compareWithList(group, heading) {
  const wanted = manifest[group] ?? {};
  const listed = reasonsUnder(heading);
  for (const [name, version] of Object.entries(wanted)) {
    const reason = listed.get(name);
    if (reason === undefined) findings.push(`package.json  ${name} has no line under "${heading}" of ${LIST}`);
    if (reason === '') findings.push(`${LIST}  ${name} has no reason`);
    if (!EXACT.test(version)) findings.push(`package.json  ${name}: ${version} is not an exact version`);
    const installed = lock.packages[`node_modules/${name}`]?.version;
    if (lock.packages['']?.[group]?.[name] !== version || installed !== version)
      findings.push(`package-lock.json  ${name} is not locked at ${version}`);
  }
  for (const name of listed.keys()) {
    if (!Object.hasOwn(wanted, name)) findings.push(`${LIST}  ${name} is not among the ${group} of package.json`);
  }
}

/** The rows of a heading's table: the package in the first cell, why it is there in the second. */
function reasonsUnder(heading) {
  const [, section = ''] = read(LIST).split(`\n${heading}\n`);
  const [rows] = section.split(/\n## /);
  return new Map([...rows.matchAll(/^\| `([^`]+)` *\|([^|]*)\|/gm)].map(([, name, reason]) => [name, reason.trim()]));
}

/** Every package comes from the one registry, with a checksum. */
function checkLock() {
  for (const [path, { resolved, integrity, link }] of Object.entries(lock.packages)) {
    if (path === '') continue;
    // npm leaves out where a package comes from when that is the registry, if it is told to.
    if (link === true || resolved?.startsWith(REGISTRY) === false)
      findings.push(`package-lock.json  ${path} does not come from ${REGISTRY}`);
    else if (integrity?.startsWith('sha512-') !== true)
      findings.push(`package-lock.json  ${path} has no SHA-512 checksum`);
  }
}

/** `allowScripts` decides on exactly the packages that have an install script, on all platforms; npm matches them by name. */
function checkInstallScripts() {
  const decisions = new Set(Object.keys(manifest.allowScripts ?? {}));
  const withScript = new Set();
  for (const [path, { hasInstallScript }] of Object.entries(lock.packages)) {
    if (hasInstallScript === true)
      withScript.add(path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  }
  for (const name of withScript) {
    if (!decisions.has(name))
      findings.push(`package-lock.json  ${name} has an install script, and allowScripts does not decide on it`);
  }
  for (const name of decisions) {
    if (!withScript.has(name))
      findings.push(`package.json  allowScripts decides on ${name}, which has no install script`);
  }
}
