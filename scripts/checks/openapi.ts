// Keeps docs/openapi.json equal to the code, free of lint findings, and the client's types equal to it: see `keepGenerated`.
import { readFileSync } from 'node:fs';
import openApiTypeScript, { astToString } from 'openapi-typescript';
import { keepGenerated } from './generated-document.js';
import { documentOfCode } from './openapi-document.js';
import { lintDocument } from './openapi-lint.js';

const DOCUMENT = 'docs/openapi.json';
const TYPES = 'libs/api-client/src/generated/openapi.ts';
const COMMAND = 'npm run openapi:write';

const document = JSON.stringify(await documentOfCode());
await keepGenerated(DOCUMENT, () => document, 'the routes', COMMAND);

const checkedIn = readFileSync(DOCUMENT, 'utf8');
const findings = await lintDocument(checkedIn, DOCUMENT);
for (const finding of findings) console.error(`${DOCUMENT} ${finding}`);
if (findings.length > 0) process.exitCode = 1;
else console.log(`${DOCUMENT} has no lint findings`);

const types = astToString(await openApiTypeScript(checkedIn, { defaultNonNullable: false }));
const banner = `// The API's types, generated from ${DOCUMENT}: ${COMMAND}.\n\n`;
await keepGenerated(TYPES, () => `${banner}${types}`, DOCUMENT, COMMAND);
