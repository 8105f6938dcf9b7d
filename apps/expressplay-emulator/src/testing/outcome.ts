// What came of a call that may refuse: 'accepted', or the event code.
import type { EventCode } from '@app/expressplay';
import { EventError } from '../protocol/event-error.js';

/** Runs a check. Errors that are not event errors are thrown on. */
export function outcomeOf(check: () => unknown): 'accepted' | EventCode {
  try {
    check();
    return 'accepted';
  } catch (error) {
    if (error instanceof EventError) return error.code;
    throw error;
  }
}
