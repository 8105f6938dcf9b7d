// Finds what the documents promise and the repository does not hold, and generated parts that are out of date:
// `npm run docs:check`; `npm run docs:write` rewrites those.
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { PARAMETERS, UNLISTED_PARAMETERS } from '@app/expressplay';
import { KNOWN_VARIABLES } from './environments.js';
import { keepGenerated } from './generated-document.js';
import { GENERATED } from './generated-sections.js';
import { anchorsOf, referencesOf, variablesIn, type Reference } from './markdown.js';
import { filesUnder, leadsSomewhere, looksLikePath } from './repository.js';

const root = process.cwd();
const files = filesUnder(root);
const documents = files.filter((file) => /^(?:(?:README|CONTRIBUTING)|docs\/.+)\.md$/.test(file));
const { scripts = {}, devDependencies = {} } = JSON.parse(read('package.json')) as Record<string, object>;
const findings: string[] = [];

for (const document of documents) {
  for (const reference of referencesOf(read(document))) {
    for (const problem of problemsOf(document, reference)) findings.push(`${document}:${reference.line}  ${problem}`);
  }
}
// Settings that nothing reads are the quietest kind of typing error.
for (const [file, pattern] of [
  ['.env.example', /^#?\s?([A-Z][A-Z0-9_]*)=/gm],
  ['docker-compose.yml', /^\s+([A-Z][A-Z0-9_]*):/gm],
] as const) {
  for (const match of read(file).matchAll(pattern)) {
    const [, variable = ''] = match;
    if (!KNOWN_VARIABLES.has(variable)) findings.push(`${file}  sets ${variable}, which no environment schema has`);
  }
}
// Nothing that the client can send goes unmentioned.
const expressplay = read('docs/expressplay.md');
for (const name of [...Object.values(PARAMETERS), ...Object.values(UNLISTED_PARAMETERS)]) {
  if (!expressplay.includes(`\`${name}\``) && !expressplay.includes(`\`${name}=`))
    findings.push(`docs/expressplay.md  does not mention the parameter ${name}`);
}

for (const [document, render] of Object.entries(GENERATED))
  await keepGenerated(document, render, 'the code', 'npm run docs:write');
if (findings.length > 0) {
  console.error(findings.join('\n'));
  process.exitCode = 1;
}
console.log(`docs: ${documents.length} documents read, ${findings.length} findings`);

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function problemsOf(document: string, { kind, text }: Reference): string[] {
  if (kind === 'link') return problemsOfLink(document, text);
  if (kind === 'npm-script') return text in scripts ? [] : [`npm script ${text} is not in package.json`];
  // `hls.js` is a package.
  if (text in devDependencies) return [];
  if (looksLikePath(text)) return leadsSomewhere(text, files) ? [] : [`no file or folder ${text}`];
  return variablesIn(text)
    .filter((variable) => !KNOWN_VARIABLES.has(variable))
    .map((variable) => `no environment schema has ${variable}`);
}

function problemsOfLink(document: string, link: string): string[] {
  if (/^(?:https?|mailto):/.test(link)) return [];
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : normalize(join(dirname(document), decodeURI(path))).replace(/\/$/, '');
  if (!files.some((file) => file === target || file.startsWith(`${target}/`))) return [`link ${link} leads nowhere`];
  if (anchor === undefined || !target.endsWith('.md') || anchorsOf(read(target)).has(anchor)) return [];
  return [`link ${link}: ${target} has no such heading`];
}
