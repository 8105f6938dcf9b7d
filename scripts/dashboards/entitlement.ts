// The dashboard of the service: what people ask when something is wrong, and the queries that answer it.
import { placePanels, type Variable } from './grafana.js';
import { EXPRESSPLAY_ROW, MONEY_ROW, VIEWERS_ROW } from './viewers.rows.js';
import { DENIALS_ROW, TIME_ROW } from './decisions.rows.js';
import { LIMITS_ROW, SECRETS_ROW, VERSIONS_ROW } from './process.rows.js';

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

const VARIABLES: Variable[] = [
  { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', current: {}, hide: 0 },
  picked('job', 'Scrape job', 'label_values(entitlement_build_info, job)'),
  // A Prometheus outside of Kubernetes has no such label: then `.*` matches its absence.
  {
    ...picked('namespace', 'Namespace', 'label_values(entitlement_build_info{job="$job"}, namespace)'),
    includeAll: true,
    allValue: '.*',
    multi: true,
    current: { text: 'All', value: '$__all' },
  },
  typed('tokens_left', 'Tokens left, as the ExpressPlay account says', '0'),
  { ...typed('runbooks', 'Where docs/ can be read, with a slash at the end', ''), hide: 2 },
];

function picked(name: string, label: string, query: string): Variable {
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    definition: query,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    current: {},
    hide: 0,
  };
}

function typed(name: string, label: string, value: string): Variable {
  const option = { text: value, value, selected: true };
  return { name, label, type: 'textbox', query: value, current: option, options: [option], hide: 0 };
}

/** What Grafana loads, as an object. */
export function entitlementDashboard(): object {
  return {
    uid: 'entitlement',
    title: 'Entitlement service: can viewers play?',
    description: 'Licence tokens from the first request to ExpressPlay and the ledger. Each title is a question.',
    tags: ['entitlement', 'expressplay', 'drm'],
    schemaVersion: 39,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'utc',
    links: [{ type: 'link', title: 'Runbook', url: '${runbooks}docs/runbook.md', targetBlank: true, icon: 'doc' }],
    annotations: { list: [] },
    templating: { list: VARIABLES },
    panels: placePanels([
      VIEWERS_ROW,
      EXPRESSPLAY_ROW,
      MONEY_ROW,
      DENIALS_ROW,
      TIME_ROW,
      SECRETS_ROW,
      LIMITS_ROW,
      VERSIONS_ROW,
    ]),
  };
}
