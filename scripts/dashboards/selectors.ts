// How the dashboard's queries name what they are about.

/** The picked job and namespaces. */
const PICKED = 'namespace=~"$namespace",job="$job"';

/** The one route that buys tokens. */
export const TOKEN_ROUTE = 'route="/v1/license-tokens"';

/** Outcomes that are failures of ours, of ExpressPlay's, or of what lies between: every problem of status 500 and above. */
export const FAILED = 'upstream-.*|token-balance-exhausted|overloaded|service-unavailable|internal-error';

/** A metric of the picked processes, with further matchers. */
export function of(metric: string, matchers = ''): string {
  return `${metric}{${PICKED}${matchers === '' ? '' : `,${matchers}`}}`;
}

/** Its rate a second, over what the panel's width allows. */
export function rate(metric: string, matchers = ''): string {
  return `rate(${of(metric, matchers)}[$__rate_interval])`;
}

/** A quantile of a histogram, for each value of a label if one is named. */
export function quantile(share: number, histogram: string, matchers: string, label?: string): string {
  const labels = label === undefined ? 'le' : `${label}, le`;
  return `histogram_quantile(${share}, sum by (${labels}) (${rate(`${histogram}_bucket`, matchers)}))`;
}
