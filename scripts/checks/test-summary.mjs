// Adds up vitest's JSON results: `node scripts/checks/test-summary.mjs <results.json>...` prints the twenty slowest files, and
// "N passed, N failed".
// Several files are runs of the same tests on several Nodes, at other dates or in other zones: a test counts once, and as
// failed if any run failed it.
import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';

const SLOWEST = 20;
const outcomes = new Map();
const times = [];

for (const file of process.argv.slice(2)) {
  const seen = new Map();
  for (const suite of JSON.parse(readFileSync(file, 'utf8')).testResults) {
    const seconds = (suite.endTime - suite.startTime) / 1000;
    times.push({ seconds, name: relative('', suite.name), run: basename(file, '.json') });
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

console.log('The slowest files, in seconds:');
for (const { seconds, name, run } of times.toSorted((a, b) => b.seconds - a.seconds).slice(0, SLOWEST)) {
  console.log(`${seconds.toFixed(1).padStart(7)}  ${name} (${run})`);
}

const all = [...outcomes.values()];
const passed = all.filter((status) => status === 'passed').length;
const failed = all.filter((status) => status === 'failed').length;
const skipped = all.length - passed - failed;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
// No result at all is not a success.
if (failed > 0 || passed === 0) process.exitCode = 1;
