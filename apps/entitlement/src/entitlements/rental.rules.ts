// When a rental ends and how much of it is left: pure functions of its terms, its first play and a moment.
import type { Rental } from '../purchases/purchase.js';

/** What ends a started rental: the period or the play duration, whichever is `either` first, or the play duration alone. */
export type RentalEndRule = 'either' | 'start-by';

/** The end of a rental as it stands: the end of its period until the first play, then what the rule says. */
export function rentalEnd(rental: Rental, rule: RentalEndRule): Date {
  if (rental.firstPlayAt === null) return rental.periodEndsAt;
  return endAfterFirstPlay(rental, rental.firstPlayAt, rule);
}

/** The end the rental has if it is played at a moment: an unstarted one would be started by it. */
export function rentalEndWhenPlayed(rental: Rental, at: Date, rule: RentalEndRule): Date {
  return endAfterFirstPlay(rental, rental.firstPlayAt ?? at, rule);
}

/** One for the token to be redeemed in, and one to play: a rental with less left has ended. */
const SHORTEST_SECONDS = 2;

/**
 * Whole seconds left of a rental if it is played at a moment, rounded down; 0 or less when there is not a whole one.
 * Replicas' clocks differ: seen by one that is behind, a rental just started has no more left than it was sold with.
 */
export function secondsLeft(rental: Rental, at: Date, rule: RentalEndRule): number {
  const untilEndMs = rentalEndWhenPlayed(rental, at, rule).getTime() - at.getTime();
  return Math.min(rental.playDurationSeconds, Math.floor(untilEndMs / 1000));
}

/** Whether a rental can be played at a moment: no token is asked for that has no second of its own, or outlasts the rental. */
export function isRentalLive(rental: Rental, at: Date, rule: RentalEndRule): boolean {
  return at < rentalEnd(rental, rule) && secondsLeft(rental, at, rule) >= SHORTEST_SECONDS;
}

/** Which of its two limits a rental that is no longer live has met. */
export function rentalEndReason(rental: Rental, rule: RentalEndRule): 'play-window-ended' | 'rental-period-ended' {
  if (rental.firstPlayAt === null) return 'rental-period-ended';
  const windowEndsAt = endOfPlayWindow(rental, rental.firstPlayAt);
  return rule === 'start-by' || windowEndsAt <= rental.periodEndsAt ? 'play-window-ended' : 'rental-period-ended';
}

function endAfterFirstPlay(rental: Rental, firstPlayAt: Date, rule: RentalEndRule): Date {
  const windowEndsAt = endOfPlayWindow(rental, firstPlayAt);
  return rule === 'either' && rental.periodEndsAt < windowEndsAt ? rental.periodEndsAt : windowEndsAt;
}

function endOfPlayWindow(rental: Rental, firstPlayAt: Date): Date {
  return new Date(firstPlayAt.getTime() + rental.playDurationSeconds * 1000);
}
