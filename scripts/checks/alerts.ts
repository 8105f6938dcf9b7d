// Checks the alert rules, their tests and their runbook: `npm run alerts:check`.
import { readFileSync } from 'node:fs';
import { RULES_FILE, readRules, readScenarios, TESTS_FILE } from './alerts-files.js';
import { findingsOfRunbook, findingsOfTests, findingsOfWords } from './alerts-findings.js';
import { promtool } from './promtool.js';

const { alerts, recordings } = readRules();
const findings = [
  ...alerts.flatMap(findingsOfWords),
  ...findingsOfRunbook(alerts, readFileSync('docs/runbook.md', 'utf8')),
  ...findingsOfTests(alerts, recordings, readScenarios()),
];
for (const finding of findings) console.error(finding);
console.log(`alerts: ${alerts.length} alerts read, ${findings.length} findings`);

const content = [
  promtool('check', 'config', 'deploy/prometheus/prometheus.yaml'),
  promtool('check', 'rules', RULES_FILE),
  promtool('test', 'rules', TESTS_FILE),
];
if (findings.length > 0 || content.includes(false)) process.exitCode = 1;
