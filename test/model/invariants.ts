// What holds whatever the rules decide: said of the world alone, without the reference model.
import type { Purchase } from '../../apps/entitlement/src/purchases/purchase.js';
import type { Answer, Step } from './steps.js';
import type { World } from './world.js';

/** What is remembered of the world from one step to the next. */
interface Snapshot {
  now: number;
  firstPlays: (number | null)[];
  /** Seconds that each rental has left. */
  left: number[];
}

/** Watches a world step by step. */
export class Invariants {
  #before: Snapshot;
  /** The moments that tokens were granted at. */
  readonly #grantedAt = new Set<number>();

  constructor(private readonly world: World) {
    this.#before = snapshot(world);
  }

  /** @returns what is broken, each in one sentence */
  check(step: Step, answer: Answer | undefined): string[] {
    const { world } = this;
    const before = this.#before;
    const after = snapshot(world);
    this.#before = after;
    if (answer?.entitled === true) this.#grantedAt.add(world.now);
    return [
      ...this.#firstPlayProblems(step, before, after),
      ...(addsTime(step, before) ? [] : growthProblems(step, before, after)),
      ...(answer?.entitled === true ? termProblems(answer, step, world) : []),
    ];
  }

  #firstPlayProblems(step: Step, before: Snapshot, after: Snapshot): string[] {
    return before.firstPlays.flatMap((was, order) => {
      const is = after.firstPlays[order] ?? null;
      if (is === was || (step.step === 'reset' && step.order === order)) return [];
      if (was !== null) return [`the first play of ${order} moved from ${was} to ${String(is)}`];
      if (step.step !== 'issue') return [`the clock of ${order} started without a token having been issued`];
      return this.#grantedAt.has(is!) ? [] : [`the first play of ${order} is no moment a token was granted at`];
    });
  }
}

/** A step that may give a viewer more to play: the store's, customer support's, or a clock that is behind. */
function addsTime(step: Step, before: Snapshot): boolean {
  return ['sell', 'amend', 'reinstate', 'reset'].includes(step.step) || (step.step === 'time' && step.now < before.now);
}

function growthProblems(step: Step, before: Snapshot, after: Snapshot): string[] {
  return before.left.flatMap((was, order) => {
    const is = after.left[order]!;
    const started = before.firstPlays[order] === null && after.firstPlays[order] !== null;
    // Asked for within the period, issued after it: under `start-by` the rental was started in time, and so goes on.
    const startedInTime = step.step === 'issue' && started && was === 0;
    return is <= was || startedInTime ? [] : [`${order} has ${is} s left where it had ${was} s`];
  });
}

function termProblems(
  { order, endsAt, seconds, tokenEndsAt }: Answer & { entitled: true },
  step: Step,
  { purchases, now }: World,
): string[] {
  if (tokenEndsAt <= now) return ['a token that has ended'];
  const purchase = purchases[order];
  if (purchase?.type !== 'rental') return seconds === null && endsAt === null ? [] : [`a purchase with an end`];
  if (seconds === null || endsAt === null) return ['a rental without an end'];
  return [
    ...(seconds >= 1 ? [] : [`a duration of ${seconds} s`]),
    ...(seconds <= purchase.playDurationSeconds ? [] : [`${seconds} s of ${purchase.playDurationSeconds} s sold`]),
    ...(now + seconds * 1000 <= endsAt ? [] : [`${seconds} s last beyond the end`]),
    ...(tokenEndsAt <= endsAt ? [] : ['a token that outlasts its rental']),
    // PlayReady's licences have the rental's end in them.
    ...((step.step === 'ask' && step.drm === 'playready') || tokenEndsAt + seconds * 1000 <= endsAt
      ? []
      : [`${seconds} s from the last moment of the token last beyond the end`]),
  ];
}

function snapshot(world: World): Snapshot {
  return {
    now: world.now,
    firstPlays: world.purchases.map(firstPlayOf),
    left: world.purchases.map((purchase) => world.secondsLeft(purchase)),
  };
}

function firstPlayOf(purchase: Purchase): number | null {
  return purchase.type === 'rental' ? (purchase.firstPlayAt?.getTime() ?? null) : null;
}
