// Follows one history in the running service and in the reference model at once, and stops where the two part.
import type { TestService } from '../support/test-service.js';
import { difference, divergence } from './follow-history.js';
import type { History } from './history.js';
import { Reference } from './reference.js';
import { ServiceWorld } from './service-world.js';
import { stepsOf, type Answer, type Shown, type Step } from './steps.js';

/** Where histories take place: a service with their end rule. */
export interface Place {
  service: TestService;
  /** The whole second that histories begin in, in milliseconds. */
  beginning: number;
}

/**
 * @param count told the answer to each request
 * @throws DivergenceError at the first event after which the two differ
 */
export async function followOverHttp(
  { service, beginning }: Place,
  { rule, offlineAllowed, startMs, events }: History,
  count: (answer: Answer) => void,
): Promise<void> {
  const start = beginning + startMs;
  const reference = new Reference(rule, offlineAllowed, start);
  const world = await ServiceWorld.create(service, offlineAllowed, start);
  /** How often each purchase's clock was started. */
  const starts: number[] = [];
  const steps: Step[] = [];
  for (const event of events) {
    const before = reference.orders.map(({ firstPlay }) => firstPlay);
    const problems: string[] = [];
    for (const step of stepsOf(event, reference)) {
      steps.push(step);
      const expected = reference.take(step);
      const actual = await world.take(step);
      if (actual !== undefined) count(actual);
      problems.push(...difference('the answer', actual, expected));
    }
    problems.push(...difference('what is shown', await world.shown(), inWholeSeconds(reference.shown())));
    if (problems.length > 0) throw divergence(steps, problems);
    for (const [order, { firstPlay }] of reference.orders.entries()) {
      const started = (before[order] ?? null) === null && firstPlay !== null;
      starts[order] = (starts[order] ?? 0) + (started ? 1 : 0);
    }
  }
  const stored = reference.orders.map(({ firstPlay }, order) => ({ firstPlay, starts: starts[order] }));
  const problems = difference('what is stored', await world.purchases(), stored);
  if (problems.length > 0) throw divergence(steps, problems);
}

/** Moments as the players' API writes them: rounded down. */
function inWholeSeconds(shown: Shown): Shown {
  if (!shown.entitled) return shown;
  const down = (at: number | null) => (at === null ? null : Math.floor(at / 1000) * 1000);
  return { ...shown, endsAt: down(shown.endsAt), firstPlay: down(shown.firstPlay) };
}
