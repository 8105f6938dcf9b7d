// Follows one history in the world and in the reference model at once, and stops where the two part.
import { decideEntitlement, isLive } from '../../apps/entitlement/src/entitlements/entitlement.rules.js';
import { tokenTerms } from '../../apps/entitlement/src/license-tokens/rights.js';
import type { History } from './history.js';
import { Invariants } from './invariants.js';
import { Reference } from './reference.js';
import { stepsOf, type Answer, type Step } from './steps.js';
import { World, type Rules } from './world.js';

/** The moment histories begin at, in milliseconds. */
export const BEGINNING = Date.UTC(2026, 10, 21, 10);

/** The service's own. */
export const RULES: Rules = { decideEntitlement, isLive, tokenTerms };

/** The world and the model disagree, or an invariant is broken. */
export class DivergenceError extends Error {
  override name = 'DivergenceError';
}

/**
 * @param rules the functions under test
 * @param kind the world they are driven through
 * @param count told the answer to each request
 * @throws DivergenceError at the first step where the two differ
 */
export function followHistory(
  { rule, offlineAllowed, startMs, events }: History,
  rules: Rules = RULES,
  kind: typeof World = World,
  count: (answer: Answer) => void = () => undefined,
): void {
  const start = BEGINNING + startMs;
  const reference = new Reference(rule, offlineAllowed, start);
  const world = new kind(rules, rule, offlineAllowed, start);
  const invariants = new Invariants(world);
  const steps: Step[] = [];
  for (const event of events) {
    for (const step of stepsOf(event, reference)) {
      steps.push(step);
      const expected = reference.take(step);
      const actual = world.take(step);
      if (actual !== undefined) count(actual);
      const problems = [
        ...difference('the answer', actual, expected),
        ...difference('the state', worldState(world), referenceState(reference)),
        ...invariants.check(step, actual),
      ];
      if (problems.length > 0) throw divergence(steps, problems);
    }
  }
}

/** Two values, if they are not the same. */
export function difference(of: string, actual: unknown, expected: unknown): string[] {
  const [is, should] = [canonical(actual), canonical(expected)];
  return is === should ? [] : [`${of} is ${is}, the reference model says ${should}`];
}

/** What a history came to, for the one who reads the failure. */
export function divergence(steps: readonly Step[], problems: readonly string[]): DivergenceError {
  const story = steps.map((step, number) => `  ${number + 1}. ${JSON.stringify(step)}`).join('\n');
  return new DivergenceError(`${problems.join('\n')}\nafter\n${story}`);
}

function worldState(world: World) {
  const purchases = world.purchases.map((purchase) => ({
    live: world.isLive(purchase),
    firstPlay: purchase.type === 'rental' ? (purchase.firstPlayAt?.getTime() ?? null) : null,
  }));
  return { purchases, answer: world.answer({ drm: 'fairplay', offline: false }) };
}

function referenceState(reference: Reference) {
  const purchases = reference.orders.map((order) => ({
    live: reference.isPlayable(order),
    firstPlay: order.firstPlay,
  }));
  return { purchases, answer: reference.answer({ drm: 'fairplay', offline: false }) };
}

/** JSON with the keys in one order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
