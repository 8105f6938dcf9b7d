// Keeps deploy/grafana equal to its source and its queries sound: `npm run dashboards:check`, `npm run dashboards:write`.
import { entitlementDashboard } from '../dashboards/entitlement.js';
import { readRules } from './alerts-files.js';
import { findingsOfDashboard, queriesOf, type Dashboard } from './dashboards-queries.js';
import { keepGenerated } from './generated-document.js';
import { checkSyntax } from './promtool.js';

const FILE = 'deploy/grafana/dashboards/entitlement.json';

await keepGenerated(
  FILE,
  () => JSON.stringify(entitlementDashboard()),
  'scripts/dashboards',
  'npm run dashboards:write',
);

const dashboard = JSON.parse(JSON.stringify(entitlementDashboard())) as Dashboard;
const findings = findingsOfDashboard(dashboard, readRules().alerts);
for (const finding of findings) console.error(`${FILE}  ${finding}`);
const queries = queriesOf(dashboard);
console.log(`dashboards: ${queries.length} queries read, ${findings.length} findings`);
if (findings.length > 0 || !checkSyntax(queries.map(({ expr }) => expr))) process.exitCode = 1;
