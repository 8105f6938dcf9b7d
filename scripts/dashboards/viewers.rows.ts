// Can viewers play, whose fault is it if not, and what does it cost?
import type { Row } from './grafana.js';
import { FAILED, of, rate, TOKEN_ROUTE } from './selectors.js';

const REQUESTS = 'entitlement_http_requests_total';
const ANSWERS = 'entitlement_expressplay_answers_total';

/** Of the requests to be answered with a token, those that failed, over some time; 0 where none did. */
function failedShare(range: string): string {
  const sum = (outcomes: string) => `sum(rate(${of(REQUESTS, `${TOKEN_ROUTE},outcome=~"${outcomes}"`)}[${range}]))`;
  const all = sum(`ok|${FAILED}`);
  return `(${sum(FAILED)} or 0 * ${all}) / ${all}`;
}

export const VIEWERS_ROW: Row = {
  title: 'Viewers',
  panels: [
    {
      kind: 'number',
      title: 'Can viewers play?',
      description:
        'Of the requests for a licence token that are to be answered with one, the share that is. What callers do wrong and denials ' +
        'are not counted. Below 99.9 %: look at "Is it us or ExpressPlay?".',
      queries: [{ expr: `1 - (${failedShare('$__rate_interval')})`, legend: 'answered with a token' }],
      unit: 'percentunit',
      width: 6,
      max: 1,
      thresholds: [
        { from: null, color: 'red' },
        { from: 0.99, color: 'orange' },
        { from: 0.999, color: 'green' },
      ],
      alerts: ['EntitlementViewersCannotPlay', 'EntitlementDown', 'EntitlementNotReady', 'EntitlementFewTokens'],
    },
    {
      kind: 'number',
      title: "How much of the month's allowance is left?",
      description:
        "The objective allows 0.1 % of 30 days' requests to fail. Below 0 it is missed: repair before you build. Prometheus has to keep 30 " +
        'days for it; if it keeps less, this is of what it keeps.',
      queries: [{ expr: `1 - (${failedShare('30d')}) / 0.001`, legend: 'allowance left' }],
      unit: 'percentunit',
      width: 6,
      max: 1,
      thresholds: [
        { from: null, color: 'red' },
        { from: 0.1, color: 'orange' },
        { from: 0.5, color: 'green' },
      ],
      alerts: ['EntitlementErrorBudgetBurns'],
    },
    {
      kind: 'stack',
      title: 'What becomes of the requests for a token?',
      description:
        '`ok` and `not-entitled` are right answers. A colour that was not there an hour ago is where to begin. Far fewer requests than ' +
        'yesterday mean that players do not get here.',
      queries: [{ expr: `sum by (outcome) (${rate(REQUESTS, TOKEN_ROUTE)})`, legend: '{{outcome}}' }],
      unit: 'reqps',
      width: 12,
      min: 0,
      alerts: ['EntitlementFewTokens'],
    },
  ],
};

export const EXPRESSPLAY_ROW: Row = {
  title: 'Us or ExpressPlay',
  panels: [
    {
      kind: 'stack',
      title: 'Is it us or ExpressPlay?',
      description:
        'Failed requests for a token, by whose they are to mend. ExpressPlay: it cannot be reached or is in trouble; tell them. Account or ' +
        'title: it refuses what we send; the code below says what to correct. Us: Postgres, the signing keys, a limit or a defect.',
      queries: [
        {
          expr: `sum(${rate(REQUESTS, `${TOKEN_ROUTE},outcome=~"upstream-unavailable|upstream-timeout"`)})`,
          legend: 'ExpressPlay: out of reach or in trouble',
        },
        {
          expr: `sum(${rate(REQUESTS, `${TOKEN_ROUTE},outcome=~"upstream-rejected|token-balance-exhausted"`)})`,
          legend: 'account or title: ExpressPlay refuses',
        },
        {
          expr: `sum(${rate(REQUESTS, `${TOKEN_ROUTE},outcome=~"overloaded|service-unavailable|internal-error"`)})`,
          legend: 'us',
        },
      ],
      unit: 'reqps',
      width: 8,
      min: 0,
      alerts: ['EntitlementViewersCannotPlay', 'EntitlementExpressPlayUnavailable'],
    },
    {
      kind: 'stack',
      title: 'What does ExpressPlay answer?',
      description:
        'Each call by what came of it: `ok`, an event code, or why there was no answer. docs/expressplay.md has what an operator does about ' +
        'each code.',
      queries: [{ expr: `sum by (code) (${rate(ANSWERS)})`, legend: '{{code}}' }],
      unit: 'reqps',
      width: 8,
      min: 0,
      alerts: ['EntitlementExpressPlayRefuses', 'EntitlementTitleRefused', 'EntitlementExpressPlayUnavailable'],
    },
    {
      kind: 'table',
      title: 'Which codes, for which DRM?',
      description:
        'Calls without a token in the time shown. One DRM alone: an option of the account. One code: look it up.',
      queries: [{ expr: `sort_desc(sum by (drm, code) (increase(${of(ANSWERS, 'code!="ok"')}[$__range])) > 0)` }],
      unit: 'short',
      width: 8,
      alerts: ['EntitlementExpressPlayRefuses', 'EntitlementTitleRefused'],
    },
  ],
};

export const MONEY_ROW: Row = {
  title: 'Tokens and money',
  panels: [
    {
      kind: 'number',
      title: 'Is the token balance running out?',
      description:
        'Answers -2019 in the last hour: the account has no tokens, nobody can play. Buy tokens. ExpressPlay does not tell the balance ' +
        'beforehand: type it in above, and the next panel counts.',
      queries: [
        { expr: `sum(increase(${of('entitlement_token_balance_exhausted_total')}[1h]))`, legend: 'answers -2019' },
      ],
      unit: 'short',
      width: 5,
      thresholds: [
        { from: null, color: 'green' },
        { from: 0.5, color: 'red' },
      ],
      alerts: ['EntitlementTokenBalanceExhausted'],
    },
    {
      kind: 'number',
      title: 'How long will the tokens last?',
      description:
        'What was typed in as "Tokens left", at the rate of the last seven days. Order before it is two weeks.',
      queries: [{ expr: `$tokens_left / (sum(rate(${of(ANSWERS, 'code="ok"')}[7d])) * 86400)`, legend: 'left' }],
      unit: 'd',
      width: 5,
      thresholds: [
        { from: null, color: 'red' },
        { from: 7, color: 'orange' },
        { from: 14, color: 'green' },
      ],
      alerts: ['EntitlementTokenBalanceExhausted'],
    },
    {
      kind: 'stack',
      title: 'How many tokens do we buy in a day?',
      description: 'Tokens that ExpressPlay issued, and may charge for, at the present rate.',
      queries: [{ expr: `sum by (drm) (${rate(ANSWERS, 'code="ok"')}) * 86400`, legend: '{{drm}}' }],
      unit: 'short',
      width: 8,
      min: 0,
    },
    {
      kind: 'number',
      title: 'Are tokens bought that nobody gets?',
      description:
        'Tokens that ExpressPlay issued and the ledger does not have, in the time shown: bought, and lost before they were written down. ' +
        'A few after a crash; more mean that the ledger cannot be written.',
      queries: [
        {
          expr:
            `clamp_min(sum(increase(${of(ANSWERS, 'code="ok"')}[$__range])) ` +
            `- sum(increase(${of('entitlement_tokens_issued_total')}[$__range])), 0)`,
          legend: 'lost',
        },
      ],
      unit: 'short',
      width: 6,
      thresholds: [
        { from: null, color: 'green' },
        { from: 5, color: 'orange' },
        { from: 50, color: 'red' },
      ],
      alerts: ['EntitlementLedgerFails'],
    },
  ],
};
