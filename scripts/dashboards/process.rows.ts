// Secrets, limits and versions: what is about to fail, and where.
import type { Row } from './grafana.js';
import { of, quantile, rate } from './selectors.js';

export const SECRETS_ROW: Row = {
  title: 'Secrets',
  panels: [
    {
      kind: 'lines',
      title: 'Is a secret about to fail? The authenticator',
      description:
        'Requests that ExpressPlay refused for their authenticator and that were sent again with another. Expected while authenticators are ' +
        'changed (docs/security.md); at any other time, one of the two was withdrawn.',
      queries: [
        {
          expr: `sum by (rejected, tried, outcome) (increase(${of('entitlement_authenticator_fallbacks_total')}[1h])) > 0`,
          legend: '{{rejected}} refused, {{tried}} tried: {{outcome}}',
        },
      ],
      unit: 'short',
      width: 8,
      min: 0,
      alerts: ['EntitlementAuthenticatorFallback'],
    },
    {
      kind: 'lines',
      title: "Is a secret about to fail? The login's signing keys",
      description:
        'Since the keys were last read. They are read every ten minutes while players ask. Older, and players asking: the issuer cannot be ' +
        'reached, and after AUTH_JWKS_MAX_STALE_SECONDS everybody gets 503.',
      queries: [{ expr: of('entitlement_signing_keys_age_seconds'), legend: '{{instance}}' }],
      unit: 's',
      width: 8,
      min: 0,
      thresholds: [
        { from: null, color: 'transparent' },
        { from: 1800, color: 'red' },
      ],
      alerts: ['EntitlementSigningKeysStale'],
    },
    {
      kind: 'lines',
      title: 'Can the signing keys be fetched?',
      description:
        'Readings of the key set, in five minutes. Errors are tried again every five seconds, as long as somebody asks.',
      queries: [
        {
          expr: `sum by (outcome) (increase(${of('entitlement_signing_keys_fetches_total')}[5m]))`,
          legend: '{{outcome}}',
        },
      ],
      unit: 'short',
      width: 8,
      min: 0,
      alerts: ['EntitlementSigningKeysStale'],
    },
  ],
};

const IN_FLIGHT = 'entitlement_http_requests_in_flight';
const POOL = 'entitlement_database_pool';
const CALLS = 'entitlement_expressplay';

export const LIMITS_ROW: Row = {
  title: 'Database and limits',
  panels: [
    {
      kind: 'lines',
      title: 'Is the database keeping up?',
      description:
        'Connections in use and requests that wait for one. Waiting for minutes: Postgres is slow, or DATABASE_POOL_SIZE too small for it.',
      queries: [
        { expr: `sum(${of(`${POOL}_connections`, 'state="in_use"')})`, legend: 'in use' },
        { expr: `sum(${of(`${POOL}_limit`)})`, legend: 'at most' },
        { expr: `sum(${of(`${POOL}_waiting`)})`, legend: 'requests waiting' },
      ],
      unit: 'short',
      width: 8,
      min: 0,
      alerts: ['EntitlementDatabasePoolExhausted'],
    },
    {
      kind: 'lines',
      title: 'How fast does the database answer, and does it fail?',
      description:
        'What 95 % of the stages that are Postgres take at most, how many a second fail, and how many connections a second had to be closed: ' +
        'by `deadline`, answers get lost on the way.',
      queries: [
        {
          expr: quantile(0.95, 'entitlement_stage_duration_seconds', 'stage=~"decision|ledger"', 'stage'),
          legend: '{{stage}}',
        },
        {
          expr: `sum by (stage) (${rate('entitlement_stage_duration_seconds_count', 'stage=~"decision|ledger",outcome="error"')})`,
          legend: '{{stage}}: failures a second',
        },
        {
          expr: `sum by (reason) (${rate('entitlement_database_connections_destroyed_total')})`,
          legend: 'connections closed a second: {{reason}}',
        },
      ],
      unit: 's',
      width: 8,
      min: 0,
      alerts: ['EntitlementLedgerFails'],
    },
    {
      kind: 'lines',
      title: "How far ahead are the ledger's months?",
      description:
        'Months after the present one that have a partition, made by ledger:maintain each night. Fewer than two: it does not run, or ' +
        'cannot make them. -1: the present month has none.',
      queries: [{ expr: `min by (namespace) (${of('entitlement_ledger_months_ahead')})`, legend: '{{namespace}}' }],
      unit: 'short',
      width: 8,
      thresholds: [
        { from: null, color: 'red' },
        { from: 2, color: 'transparent' },
      ],
      alerts: ['EntitlementLedgerMonthsRunOut'],
    },
    {
      kind: 'lines',
      title: 'When was the ledger maintained?',
      description: 'Since ledger:maintain last left nothing undone. It runs each night. Nothing here: it never ran.',
      queries: [
        {
          expr: `time() - max by (namespace) (${of('entitlement_ledger_last_maintenance_timestamp_seconds')})`,
          legend: '{{namespace}}',
        },
      ],
      unit: 's',
      width: 8,
      min: 0,
      thresholds: [
        { from: null, color: 'transparent' },
        { from: 172_800, color: 'red' },
      ],
      alerts: ['EntitlementLedgerMaintenanceOverdue'],
    },
    {
      kind: 'lines',
      title: 'Are we near our limits?',
      description:
        'The fullest process, as a share of its limits: requests in flight (MAX_REQUESTS_IN_FLIGHT), database connections, calls to ' +
        'ExpressPlay. Near 1: add replicas if the other side can take it, else find out what is slow. The limit of calls is that of one ' +
        'host, and each DRM has its own: they may pass 1 together, and one host is full when calls queue beside this.',
      queries: [
        { expr: `max(${of(IN_FLIGHT)} / ${of(`${IN_FLIGHT}_limit`)})`, legend: 'requests in flight' },
        {
          expr: `max(${of(`${POOL}_connections`, 'state="in_use"')} / ignoring (state) ${of(`${POOL}_limit`)})`,
          legend: 'database connections',
        },
        {
          expr: `max(${of(`${CALLS}_requests_in_flight`)} / ${of(`${CALLS}_connection_limit`)})`,
          legend: 'calls to ExpressPlay, all hosts',
        },
      ],
      unit: 'percentunit',
      width: 8,
      min: 0,
      thresholds: [
        { from: null, color: 'transparent' },
        { from: 0.8, color: 'red' },
      ],
      alerts: ['EntitlementOverloaded'],
    },
    {
      kind: 'lines',
      title: 'Does anything queue, or is it refused?',
      description:
        'Requests waiting for a database connection or for one to ExpressPlay, and requests refused as `overloaded` a second.',
      queries: [
        { expr: `sum(${of(`${POOL}_waiting`)})`, legend: 'for the database' },
        { expr: `sum(${of(`${CALLS}_requests_queued`)})`, legend: 'for ExpressPlay' },
        {
          expr: `sum(${rate('entitlement_http_requests_total', 'outcome="overloaded"')})`,
          legend: 'refused, a second',
        },
      ],
      unit: 'short',
      width: 8,
      min: 0,
      alerts: ['EntitlementOverloaded', 'EntitlementDatabasePoolExhausted'],
    },
    {
      kind: 'lines',
      title: 'Is a process too busy?',
      description:
        'How late the event loop is (the 99th percentile since the last scrape): 10 ms is its resolution, 250 ms are felt in every answer.',
      queries: [{ expr: of('nodejs_eventloop_lag_p99_seconds'), legend: '{{instance}}' }],
      unit: 's',
      width: 8,
      min: 0,
      thresholds: [
        { from: null, color: 'transparent' },
        { from: 0.25, color: 'red' },
      ],
      alerts: ['EntitlementEventLoopBlocked'],
    },
    {
      kind: 'lines',
      title: 'What does a process use?',
      description:
        'Cores, and beside them the memory in gibibytes. Memory that climbs from restart to restart is a leak.',
      queries: [
        { expr: rate('process_cpu_seconds_total'), legend: '{{instance}}: cores' },
        { expr: `${of('process_resident_memory_bytes')} / 2 ^ 30`, legend: '{{instance}}: GiB' },
      ],
      unit: 'short',
      width: 8,
      min: 0,
      alerts: ['EntitlementEventLoopBlocked', 'EntitlementRestarts'],
    },
  ],
};

/** How many of the questions whether a process is ready were answered like this, a second, for each process. */
function readiness(matchers = ''): string {
  return `sum by (instance) (${rate('entitlement_http_requests_total', `route="/health/ready"${matchers}`)})`;
}

export const VERSIONS_ROW: Row = {
  title: 'Versions and alerts',
  panels: [
    {
      kind: 'table',
      title: 'Which version runs where?',
      description: 'One line a process. Two versions for more than a rollout takes: it is stuck.',
      queries: [{ expr: `sum by (namespace, instance, version, node) (${of('entitlement_build_info')})` }],
      unit: 'short',
      width: 6,
      hidden: ['Value'],
      alerts: ['EntitlementVersionsDiffer'],
    },
    {
      kind: 'lines',
      title: 'Is each process ready for players?',
      description:
        'The share of its answers to /health/ready that say so. All at 0: players reach none, and Postgres or its migrations are ' +
        'where to look.',
      queries: [
        {
          expr: `(${readiness(',outcome="ok"')} or 0 * ${readiness()}) / ${readiness()}`,
          legend: '{{instance}}',
        },
      ],
      unit: 'percentunit',
      width: 6,
      min: 0,
      max: 1,
      alerts: ['EntitlementNotReady'],
    },
    {
      kind: 'lines',
      title: 'Since when does each process run?',
      description: 'Falls to 0 at a restart.',
      queries: [{ expr: `time() - ${of('process_start_time_seconds')}`, legend: '{{instance}}' }],
      unit: 's',
      width: 6,
      min: 0,
      alerts: ['EntitlementRestarts', 'EntitlementDown'],
    },
    {
      kind: 'table',
      title: 'Which alerts fire?',
      description: 'docs/runbook.md has a section on each.',
      queries: [
        {
          expr: 'sum by (alertname, severity, namespace) (ALERTS{alertname=~"Entitlement.*",alertstate="firing"})',
        },
      ],
      unit: 'short',
      width: 6,
      hidden: ['Value'],
    },
  ],
};
