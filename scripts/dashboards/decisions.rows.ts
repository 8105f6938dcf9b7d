// Who is denied and why, and how long a token takes.
import type { Row } from './grafana.js';
import { of, quantile, rate, TOKEN_ROUTE } from './selectors.js';

const DECISIONS = 'entitlement_decisions_total';
const DENIED_SHARE = 'job_reason:entitlement_denials:ratio_rate30m';

export const DENIALS_ROW: Row = {
  title: 'Denials',
  panels: [
    {
      kind: 'stack',
      title: 'Who is denied, and why?',
      description:
        'Denials by reason. `no-purchase` is most of it on a quiet day; a jump of it often means that the store no longer writes ' +
        "purchases. `entitlementctl explain` tells one viewer's case.",
      queries: [{ expr: `sum by (reason) (${rate(DECISIONS, 'decision="denied"')})`, legend: '{{reason}}' }],
      unit: 'reqps',
      width: 8,
      min: 0,
      alerts: ['EntitlementDenialsUnusual'],
    },
    {
      kind: 'lines',
      title: 'Are more denied than usual?',
      description: 'The share of all decisions, for each reason, and beside it the average of the day before.',
      queries: [
        { expr: of(DENIED_SHARE), legend: '{{reason}}' },
        { expr: `avg_over_time(${of(DENIED_SHARE)}[1d] offset 1h)`, legend: '{{reason}}, usually' },
      ],
      unit: 'percentunit',
      width: 8,
      min: 0,
      alerts: ['EntitlementDenialsUnusual'],
    },
    {
      kind: 'lines',
      title: 'Who is turned away at the door?',
      description:
        'Answered before anything was decided. `unauthenticated`: the login changed its keys or its claims, or somebody tries. ' +
        '`rate-limited`: a client in a loop, or a limit that is too narrow.',
      queries: [
        {
          expr: `sum by (outcome) (${rate('entitlement_http_requests_total', `${TOKEN_ROUTE},outcome=~"unauthenticated|insufficient-scope|rate-limited|invalid-request|content-not-found|drm-not-available"`)})`,
          legend: '{{outcome}}',
        },
      ],
      unit: 'reqps',
      width: 8,
      min: 0,
      alerts: ['EntitlementUnauthenticatedSpike'],
    },
  ],
};

const DURATION = 'entitlement_http_request_duration_seconds';
const STAGES = 'entitlement_stage_duration_seconds';

export const TIME_ROW: Row = {
  title: 'Time, and what is played',
  panels: [
    {
      kind: 'lines',
      title: 'How long does a token take?',
      description:
        'From the headers of the request to the end of the answer. Above 2 s for one in twenty, viewers notice.',
      queries: [
        { expr: quantile(0.5, DURATION, TOKEN_ROUTE), legend: 'half are faster than' },
        { expr: quantile(0.95, DURATION, TOKEN_ROUTE), legend: '95 % are faster than' },
        { expr: quantile(0.99, DURATION, TOKEN_ROUTE), legend: '99 % are faster than' },
      ],
      unit: 's',
      width: 8,
      min: 0,
      thresholds: [
        { from: null, color: 'transparent' },
        { from: 2, color: 'red' },
      ],
      alerts: ['EntitlementSlow'],
    },
    {
      kind: 'lines',
      title: 'Where is the time spent?',
      description:
        'What 95 % of the runs of each stage take at most. `upstream` is ExpressPlay; `decision` and `ledger` are Postgres; `bearer` is ' +
        'ours, and the issuer when its keys are fetched.',
      queries: [{ expr: quantile(0.95, STAGES, '', 'stage'), legend: '{{stage}}' }],
      unit: 's',
      width: 8,
      min: 0,
      alerts: ['EntitlementSlow'],
    },
    {
      kind: 'stack',
      title: 'Are rentals being started?',
      description:
        'Rentals whose clock a first token started. None in an evening means that renters get no tokens, or that the store sells no rentals.',
      queries: [
        {
          expr: `sum by (drm) (${rate('entitlement_rental_clocks_started_total')}) * 3600`,
          legend: '{{drm}}, in an hour',
        },
      ],
      unit: 'short',
      width: 4,
      min: 0,
    },
    {
      kind: 'stack',
      title: 'What do viewers play?',
      description:
        'Issued tokens by right and DRM, a second. A DRM that vanishes is a kind of device that cannot play.',
      queries: [
        { expr: `sum by (rights, drm) (${rate('entitlement_tokens_issued_total')})`, legend: '{{rights}}, {{drm}}' },
      ],
      unit: 'reqps',
      width: 4,
      min: 0,
      alerts: ['EntitlementFewTokens'],
    },
  ],
};
