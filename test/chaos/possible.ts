// In which states a purchase can have been while something was asked, by what its callers were answered: pure.
import { isRefused, isTaken, type Order, type OrderContent, type StoreEvent } from './book.js';

/** A stretch of time, by the callers' monotonic clock. */
export interface Span {
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** A version of the order, undefined while there is none, and why it is revoked, null while it stands. */
export interface PossibleStates {
  orders: (OrderContent | undefined)[];
  revocations: (string | null)[];
}

/** What an event that was answered before the span began has made of a purchase, or one that was sent before it ended may have. */
export function possibleStates(order: Order, span: Span): PossibleStates {
  return {
    orders: possibleVersions(order.versions, span).map((version) => order.versions.get(version)?.said),
    revocations: possibleVersions(order.revocations, span).map(
      (version) => order.revocations.get(version)?.said ?? null,
    ),
  };
}

/** Versions that can have stood at some moment of a span, the lowest first; 0: none yet. They never fall. */
export function possibleVersions(events: ReadonlyMap<number, StoreEvent<unknown>>, span: Span): number[] {
  const stood = highestTaken(events, span.sentAt);
  const later = [...events].filter(
    ([version, { attempts }]) =>
      version > stood && attempts.some(({ sentAt }) => sentAt < span.answeredAt) && !attempts.every(isRefused),
  );
  return [stood, ...later.map(([version]) => version)];
}

/** The highest version whose teller was told before a moment that it has been taken, or that a higher one has been; 0: none. */
export function highestTaken(events: ReadonlyMap<number, StoreEvent<unknown>>, before = Infinity): number {
  const taken = [...events].filter(([, { attempts }]) =>
    attempts.some((attempt) => isTaken(attempt) && attempt.answeredAt < before),
  );
  return Math.max(0, ...taken.map(([version]) => version));
}

/** Whether a user certainly was entitled to a title by this purchase, all the time. */
export function certainlyEntitles(order: Order, user: string, title: string, span: Span): boolean {
  const { orders, revocations } = possibleStates(order, span);
  return (
    orders.every((content) => content?.userId === user && content.contentId === title) &&
    revocations.every((reason) => reason === null)
  );
}

/** Whether a user can have been entitled to a title by this purchase, at some moment. */
export function possiblyEntitles(order: Order, user: string, title: string, span: Span): boolean {
  const { orders, revocations } = possibleStates(order, span);
  return (
    orders.some((content) => content?.userId === user && content.contentId === title) &&
    revocations.some((reason) => reason === null)
  );
}
