// Every metric of the service, with its labels and all the values that they can take.
import { EVENT_CODES, type TransportFailureReason } from '@app/expressplay';
import { PROBLEMS } from '@app/platform/problems';
import { DRMS } from '../../../apps/entitlement/src/catalog/content.js';
import { DENIAL_REASONS } from '../../../apps/entitlement/src/entitlements/entitlement.rules.js';
import { NOT_ASKED } from '../../../apps/entitlement/src/license-tokens/license-tokens.errors.js';
import { RETRY_OUTCOMES } from '../../../apps/entitlement/src/license-tokens/retries.js';
import { STAGES } from '../../../apps/entitlement/src/observability/stages.js';

/** Values of a label that are known beforehand; `routes` are those of the application, `fixed` one for each build. */
export type LabelValues = readonly string[] | 'routes' | 'fixed';

export interface Metric {
  type: 'counter' | 'gauge' | 'histogram';
  labels: Readonly<Record<string, LabelValues>>;
}

const TRANSPORT: Record<TransportFailureReason, true> = {
  connect: true,
  'connect-timeout': true,
  timeout: true,
  reset: true,
  protocol: true,
  closed: true,
  other: true,
};

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'];
const FAILURES = [
  'key-unavailable',
  'upstream-rejected',
  'upstream-unavailable',
  'upstream-timeout',
  'token-balance-exhausted',
  'purchase-changed',
  'ledger-unavailable',
  'caller-gone',
];
const ROLES = ['first', 'second'];
const drm = DRMS;

const counter = (labels: Metric['labels'] = {}): Metric => ({ type: 'counter', labels });
const gauge = (labels: Metric['labels'] = {}): Metric => ({ type: 'gauge', labels });
const histogram = (labels: Metric['labels']): Metric => ({ type: 'histogram', labels });

/** By name. */
export const METRICS: Readonly<Record<string, Metric>> = {
  entitlement_http_requests_total: counter({
    route: 'routes',
    method: METHODS,
    outcome: ['ok', 'aborted', ...Object.keys(PROBLEMS)],
  }),
  entitlement_http_request_duration_seconds: histogram({ route: 'routes', method: METHODS }),
  entitlement_http_requests_in_flight: gauge(),
  entitlement_http_requests_in_flight_limit: gauge(),
  entitlement_decisions_total: counter({
    decision: ['granted', 'denied', 'failed'],
    reason: [
      'none',
      ...DENIAL_REASONS,
      'rate-limited',
      'drm-not-available',
      'offline-not-available',
      'kid-required',
      ...FAILURES,
    ],
  }),
  entitlement_tokens_issued_total: counter({ drm, rights: ['buy-to-own', 'rental'] }),
  entitlement_token_requests_shared_total: counter({ drm }),
  entitlement_rental_clocks_started_total: counter({ drm }),
  entitlement_tokens_unwritten_total: counter({ drm }),
  entitlement_expressplay_answers_total: counter({
    drm,
    code: ['ok', 'undocumented', 'unreadable', ...Object.keys(TRANSPORT), ...Object.keys(EVENT_CODES)],
  }),
  entitlement_expressplay_retries_total: counter({ drm, outcome: RETRY_OUTCOMES }),
  entitlement_expressplay_requests_held_back_total: counter({ drm, reason: Object.keys(NOT_ASKED) }),
  entitlement_expressplay_breaker_state: gauge({ drm }),
  entitlement_token_balance_exhausted_total: counter(),
  entitlement_token_balance_paused: gauge(),
  entitlement_authenticator_fallbacks_total: counter({
    rejected: ROLES,
    tried: ROLES,
    outcome: ['accepted', 'rejected', 'failed'],
  }),
  entitlement_stage_duration_seconds: histogram({ stage: STAGES, outcome: ['ok', 'error'] }),
  entitlement_database_pool_connections: gauge({ state: ['idle', 'in_use'] }),
  entitlement_database_pool_waiting: gauge(),
  entitlement_database_pool_limit: gauge(),
  entitlement_database_connections_destroyed_total: counter({
    reason: ['deadline', 'open-transaction', 'broken', 'read-only'],
  }),
  entitlement_expressplay_requests_in_flight: gauge(),
  entitlement_expressplay_requests_queued: gauge(),
  entitlement_expressplay_connection_limit: gauge(),
  entitlement_ledger_months_ahead: gauge(),
  entitlement_ledger_last_maintenance_timestamp_seconds: gauge(),
  entitlement_signing_keys_fetches_total: counter({ outcome: ['ok', 'error'] }),
  entitlement_signing_keys_age_seconds: gauge(),
  entitlement_build_info: gauge({ version: 'fixed', node: 'fixed' }),
};

/** The metric that a sample belongs to: a histogram has samples of several names. */
export function metricOf(sampleName: string): [name: string, metric: Metric] {
  const name = sampleName in METRICS ? sampleName : sampleName.replace(/_(?:bucket|sum|count)$/, '');
  const metric = METRICS[name];
  if (metric === undefined) throw new Error(`${sampleName} is not one of the metrics`);
  return [name, metric];
}
