// Keeps docs/expressplay.md equal to the client's tables of event codes, and complete in its parameters: see `keepGenerated`.
import { readFileSync } from 'node:fs';
import { renderEventCodes, unmentionedParameters } from './expressplay-sections.js';
import { keepGenerated } from './generated-document.js';

const DOCUMENT = 'docs/expressplay.md';

await keepGenerated(DOCUMENT, renderEventCodes, "the client's tables");

const missing = unmentionedParameters(readFileSync(DOCUMENT, 'utf8'));
if (missing.length > 0) {
  console.error(`${DOCUMENT} does not speak of the parameters ${missing.join(', ')}`);
  process.exitCode = 1;
}
