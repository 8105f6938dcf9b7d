// Random histories of one viewer and one title: what fast-check makes, shrinks and prints.
import fc from 'fast-check';
import { DRMS, type Drm } from '../../apps/entitlement/src/catalog/content.js';
import type { RentalEndRule } from '../../apps/entitlement/src/entitlements/rental.rules.js';

/** One life of a viewer's purchases of a title. */
export interface History {
  rule: RentalEndRule;
  /** What the title's output policy says. */
  offlineAllowed: boolean;
  /** Where in its second the history begins, in milliseconds: nothing may depend on it. */
  startMs: number;
  events: Event[];
}

/** What happens. Numbers of purchases, pending requests and edges count modulo how many there are at that moment. */
export type Event =
  | { event: 'buy' }
  | ({ event: 'rent' } & Terms)
  | ({ event: 'amend'; purchase: number } & Terms)
  | { event: 'revoke' | 'reinstate' | 'reset'; purchase: number }
  /** A token is asked for, issued and written down at once. */
  | { event: 'play'; drm: Drm; offline: boolean }
  /** A token is asked for, and decided upon; ExpressPlay has not answered yet. */
  | { event: 'ask'; drm: Drm; offline: boolean }
  /** ExpressPlay has answered a pending request, and the ledger has it; or it failed, and nothing is written. */
  | { event: 'issue' | 'fail'; pending: number }
  /** Moments in milliseconds from now; null: none. */
  | { event: 'availability'; availableFromMs: number | null; withdrawnMs: number | null }
  | { event: 'wait'; ms: number }
  /** Until a moment that something hinges on, or just before or after it. */
  | { event: 'wait-for-edge'; edge: number; offsetMs: number }
  /** The next request is served by a replica whose clock is behind. */
  | { event: 'clock-behind'; ms: number };

/** Terms of a rental, the period in milliseconds from now. */
export interface Terms {
  periodMs: number;
  playDurationSeconds: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const terms: fc.Arbitrary<Terms> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      periodMs: fc.oneof(
        fc.constantFrom(1, 999, 1000, 1001, 2500, HOUR_MS, 2 * DAY_MS, 30 * DAY_MS),
        fc.integer({ min: -5000, max: 10_000 }),
        fc.integer({ min: 1, max: 40 * DAY_MS }),
      ),
      playDurationSeconds: fc.oneof(fc.constantFrom(1, 2, 3, 60, 3600, 172_800), fc.integer({ min: 1, max: 604_800 })),
    }),
  },
  // Played at once, both limits are one moment.
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 86_400 }).map((seconds) => ({
      periodMs: seconds * 1000,
      playDurationSeconds: seconds,
    })),
  },
);
const request = { drm: fc.constantFrom(...DRMS), offline: fc.boolean() };
const purchase = fc.nat({ max: 5 });
const moment = fc.option(fc.oneof(fc.constantFrom(-1, 0, 1), fc.integer({ min: -DAY_MS, max: 5 * DAY_MS })));

/** Events that can be had over HTTP, one after the other. */
const sequential: fc.WeightedArbitrary<Event>[] = [
  { weight: 2, arbitrary: fc.record({ event: fc.constant('buy' as const) }) },
  { weight: 7, arbitrary: terms.map((rental) => ({ event: 'rent' as const, ...rental })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(purchase, terms)
      .map(([number, rental]) => ({ event: 'amend' as const, purchase: number, ...rental })),
  },
  { weight: 4, arbitrary: fc.record({ event: fc.constant('revoke' as const), purchase }) },
  { weight: 2, arbitrary: fc.record({ event: fc.constant('reinstate' as const), purchase }) },
  { weight: 2, arbitrary: fc.record({ event: fc.constant('reset' as const), purchase }) },
  { weight: 14, arbitrary: fc.record({ event: fc.constant('play' as const), ...request }) },
  {
    weight: 2,
    arbitrary: fc.record({ event: fc.constant('availability' as const), availableFromMs: moment, withdrawnMs: moment }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      event: fc.constant('wait' as const),
      ms: fc.oneof(
        fc.constantFrom(1, 999, 1000, 1001, HOUR_MS, DAY_MS),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 5 * DAY_MS }),
      ),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      event: fc.constant('wait-for-edge' as const),
      edge: fc.nat({ max: 7 }),
      offsetMs: fc.constantFrom(-2000, -1001, -1000, -999, -1, 0, 1, 999, 1000),
    }),
  },
];

/** Requests that overlap, ExpressPlay failing, and clocks that disagree. */
const concurrent: fc.WeightedArbitrary<Event>[] = [
  { weight: 3, arbitrary: fc.record({ event: fc.constant('ask' as const), ...request }) },
  { weight: 3, arbitrary: fc.record({ event: fc.constantFrom('issue', 'fail'), pending: fc.nat({ max: 3 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ event: fc.constant('clock-behind' as const), ms: fc.integer({ min: 1, max: 5000 }) }),
  },
];

const historyOf = (
  rule: fc.Arbitrary<RentalEndRule>,
  events: fc.WeightedArbitrary<Event>[],
  maxLength: number,
): fc.Arbitrary<History> =>
  fc.record({
    rule,
    offlineAllowed: fc.boolean(),
    startMs: fc.nat({ max: 999 }),
    events: fc.array(fc.oneof(...events), { minLength: 2, maxLength, size: 'max' }),
  });

/** For the rules alone. */
export const histories = historyOf(fc.constantFrom('either', 'start-by'), [...sequential, ...concurrent], 30);

/** For the service over HTTP, which has one end rule. */
export const sequentialHistories = (rule: RentalEndRule): fc.Arbitrary<History> =>
  historyOf(fc.constant(rule), sequential, 16);
