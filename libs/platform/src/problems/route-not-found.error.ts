// There is nothing at an address, or nothing that this caller is to know of.
import { DomainError } from './domain.error.js';

/** One text for all, so that what is hidden cannot be told from what does not exist. */
export const NOTHING_THERE = 'There is nothing at this address.';

/** The answer of the router to an address that it does not know, for use before or instead of the router. */
export class RouteNotFoundError extends DomainError {
  constructor() {
    super('route-not-found', NOTHING_THERE);
  }
}
