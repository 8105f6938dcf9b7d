// Keeps docs/openapi.json equal to the code, free of what Redocly's strict rules find, examples included, and the client's types
// equal to it: see `keepGenerated`.
import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import openApiTypeScript, { astToString } from 'openapi-typescript';
import { keepGenerated } from './generated-document.js';
import { documentOfCode } from './openapi-document.js';

const DOCUMENT = 'docs/openapi.json';
const TYPES = 'libs/api-client/src/generated/openapi.ts';
const COMMAND = 'npm run openapi:write';

/** Rules other than the strict set has them, each with its reason. */
const RULES = {
  // Beyond the set: every operation says what it does, and every parameter what it is.
  'operation-description': 'error',
  'parameter-description': 'error',
  'operation-tag-defined': 'error',
  'operation-singular-tag': 'error',
  'paths-kebab-case': 'error',
  // What an address answers to a method that it does not take belongs to no operation, but clients have to know it. Other
  // components cannot be left over: they are collected from what refers to them.
  'no-unused-components': 'off',
  // The checked-in document is for `npm run stack`; a service that runs puts its own address in.
  'no-server-example.com': 'off',
} as const;

const document = JSON.stringify(await documentOfCode());
await keepGenerated(DOCUMENT, () => document, 'the routes', COMMAND);

const source = readFileSync(DOCUMENT, 'utf8');
const config = await createConfig({ extends: ['recommended-strict'], rules: RULES });
const findings = await lintFromString({ source, absoluteRef: DOCUMENT, config });
for (const { location, message, ruleId } of findings) {
  console.error(`${DOCUMENT} ${location[0]?.pointer ?? '#'}: ${message} (${ruleId})`);
}
if (findings.length > 0) process.exitCode = 1;
else console.log(`${DOCUMENT} has no lint findings`);

const types = astToString(await openApiTypeScript(source, { defaultNonNullable: false }));
const banner = `// The API's types, generated from ${DOCUMENT}: ${COMMAND}.\n\n`;
await keepGenerated(TYPES, () => `${banner}${types}`, DOCUMENT, COMMAND);
