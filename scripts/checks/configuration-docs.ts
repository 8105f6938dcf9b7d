// Keeps docs/configuration.md equal to the environment schemas: prints the drift and fails, or rewrites with `--write`.
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { renderSections } from './configuration-sections.js';
import { ENVIRONMENTS } from './environments.js';

const DOCUMENT = 'docs/configuration.md';

const current = readFileSync(DOCUMENT, 'utf8');
// Formatted like every other file, or the format check would undo what this writes.
const wanted = await format(renderSections(current, ENVIRONMENTS), {
  ...(await resolveConfig(DOCUMENT)),
  filepath: DOCUMENT,
});

if (current === wanted) {
  console.log(`${DOCUMENT} lists the variables of the environment schemas`);
} else if (process.argv.includes('--write')) {
  writeFileSync(DOCUMENT, wanted);
  console.log(`${DOCUMENT} rewritten`);
} else {
  const lines = { current: new Set(current.split('\n')), wanted: new Set(wanted.split('\n')) };
  for (const line of lines.current) if (!lines.wanted.has(line)) console.error(`- ${line}`);
  for (const line of lines.wanted) if (!lines.current.has(line)) console.error(`+ ${line}`);
  console.error(`${DOCUMENT} differs from the environment schemas: npm run docs:write`);
  process.exitCode = 1;
}
