// Adds up vitest's JSON results: `node scripts/checks/test-summary.mjs <results.json>...` prints "N passed, N failed".
// Several files are runs of the same tests on several Nodes, at other dates or in other zones: a test counts once, and as
// failed if any run failed it.
import { readFileSync } from 'node:fs';

const outcomes = new Map();

for (const file of process.argv.slice(2)) {
  const seen = new Map();
  for (const suite of JSON.parse(readFileSync(file, 'utf8')).testResults) {
    // A file that could not be loaded has no failed test to report and is a failure all the same.
    const broken = suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed');
    const tests = broken
      ? [...suite.assertionResults, { fullName: '(file)', status: 'failed' }]
      : suite.assertionResults;
    for (const { fullName, status } of tests) {
      // Rows of a table may share a name; their count keeps them apart.
      const name = `${suite.name} ${fullName}`;
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      const key = `${name} #${count}`;
      if (outcomes.get(key) !== 'failed') outcomes.set(key, status);
    }
  }
}

const all = [...outcomes.values()];
const passed = all.filter((status) => status === 'passed').length;
const failed = all.filter((status) => status === 'failed').length;
const skipped = all.length - passed - failed;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
// No result at all is not a success.
if (failed > 0 || passed === 0) process.exitCode = 1;
