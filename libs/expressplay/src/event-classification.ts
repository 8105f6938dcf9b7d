// What a refusal means to those who run a service on this client: whose it is to mend, and how it is answered.

/**
 * Who can mend what a refusal tells of.
 *
 * - `ours`: the program that built the request, or the clock of its machine
 * - `operator`: whoever looks after the account, its authenticator and its options
 * - `balance`: the same, by buying tokens
 * - `content`: whoever looks after one title's key, KID, IV and output policy
 * - `transient`: ExpressPlay, and most often it has by the next try
 * - `unknown`: nobody can tell from the answer
 */
export type EventClass = 'ours' | 'operator' | 'balance' | 'content' | 'transient' | 'unknown';

/** The problem that a refusal is to a player, who learns no more of it. */
export type EventProblem = 'upstream-rejected' | 'upstream-unavailable' | 'token-balance-exhausted';

/** What to make of a refusal. */
export interface EventClassification {
  readonly class: EventClass;
  /** Why it is of this class. */
  readonly reason: string;
  /** Whether the same request may be sent again without a person's doing. A token refused is not charged for. */
  readonly retry: boolean;
  readonly problem: EventProblem;
  /** `error` when a person has to act, `warn` when it may pass by itself. */
  readonly logLevel: 'error' | 'warn';
  /** What an operator does about it. */
  readonly action: string;
}

type Handling = Pick<EventClassification, 'retry' | 'problem' | 'logLevel'>;

const FOR_A_PERSON: Handling = { retry: false, problem: 'upstream-rejected', logLevel: 'error' };

const HANDLING: Record<Exclude<EventClass, 'unknown'>, Handling> = {
  ours: FOR_A_PERSON,
  operator: FOR_A_PERSON,
  content: FOR_A_PERSON,
  balance: { ...FOR_A_PERSON, problem: 'token-balance-exhausted' },
  transient: { retry: true, problem: 'upstream-unavailable', logLevel: 'warn' },
};

/** A row of the table: refusals of one class are handled alike, and differ in reason and action. */
export function classified(
  eventClass: Exclude<EventClass, 'unknown'>,
  reason: string,
  action: string,
): EventClassification {
  return { class: eventClass, reason, ...HANDLING[eventClass], action };
}

const TOO_MANY_REQUESTS = 429;

/**
 * A refusal with an undocumented code or with none. It is never sent again: whoever answered may have stood between us and an
 * ExpressPlay that issued a token and may have charged for it. The status decides no more than what a player is told.
 *
 * @param code the undocumented code, if there was one
 * @param httpStatus the status of the answer
 */
export function unknownRefusal(code: number | undefined, httpStatus: number): EventClassification {
  const serverTrouble = httpStatus >= 500 || httpStatus === TOO_MANY_REQUESTS;
  return {
    class: 'unknown',
    reason: code === undefined ? 'The answer names no event code.' : 'The event code is not documented.',
    retry: false,
    problem: serverTrouble ? 'upstream-unavailable' : 'upstream-rejected',
    logLevel: code === undefined && serverTrouble ? 'warn' : 'error',
    action:
      code === undefined
        ? 'Look at status and excerpt in the log: a gateway, a wrong base URL or an ExpressPlay in trouble answers like this.'
        : 'Ask ExpressPlay what the code means, then add it to the table of codes.',
  };
}
