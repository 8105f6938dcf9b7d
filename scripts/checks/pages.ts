// Holds the commands of the pages that people follow against the repository: part of `npm run docs:check`. What kubectl has
// to render for is left to the tests.
import { findingsOfPage, PAGES_TO_FOLLOW } from './pages-findings.js';
import { Repository } from './pages-repository.js';

const repository = new Repository(process.cwd());
const findings = PAGES_TO_FOLLOW.flatMap((page) => findingsOfPage(page, repository));
if (findings.length > 0) {
  console.error(findings.join('\n'));
  process.exitCode = 1;
}
console.log(`commands: ${PAGES_TO_FOLLOW.length} pages read, ${findings.length} findings`);
