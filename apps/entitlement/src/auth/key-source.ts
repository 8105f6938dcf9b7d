// Where the issuer's public keys come from, how often it is asked, and what can go wrong there.

/** How often a source is asked, and how long its last good answer lasts, in seconds. */
export interface KeyPace {
  /** How long a set is used before it is read again. */
  readonly refreshSeconds: number;
  /** How long a set that is due is still used without waiting for the next one, for as long as it is fetched. */
  readonly overlapSeconds: number;
  /** Least time between attempts while the set is due, so that a failing source is not overrun. */
  readonly retrySeconds: number;
  /** Least time between attempts caused by tokens that no key verifies: forged tokens must not make us a flood. */
  readonly unknownKeySeconds: number;
  /** How long a set that is due is still used when it cannot be read again. */
  readonly maxStaleSeconds: number;
}

/** Something that has the text of a JSON Web Key Set (RFC 7517). */
export interface KeySource {
  readonly pace: KeyPace;
  /** Whether a set with no key in it is an answer, by which all keys are withdrawn, and not a fault. */
  readonly mayBeEmpty?: boolean;
  /**
   * The text as it is now, at most `MAX_KEY_SET_BYTES` long.
   *
   * @throws KeySourceError when it cannot be had in time
   */
  read(): Promise<string>;
}

/** Longest key set that is read, in bytes; large issuers publish some tens of thousands. */
export const MAX_KEY_SET_BYTES = 256 * 1024;

/** What can be wrong with a source or its answer, in fixed words: nothing of it is repeated. */
export const KEY_SOURCE_FAULTS = {
  unreachable: 'The key set cannot be reached.',
  timeout: 'The key set did not arrive in time.',
  redirect: 'The key set is redirected elsewhere, which is not followed.',
  status: 'The key set is answered with an error.',
  'too-large': 'The key set is larger than any that is read.',
  unreadable: 'The key set cannot be read.',
  encoding: 'The key set is encoded in a way that cannot be read.',
  'not-a-key-set': 'The answer is not a JSON Web Key Set.',
  'no-usable-key': 'The key set has no key that may verify a token.',
} as const;

/** One thing that can be wrong with a source. */
export type KeySourceFault = keyof typeof KEY_SOURCE_FAULTS;

/** The keys could not be read. It carries no cause: a foreign error's text may quote the source or its answer. */
export class KeySourceError extends Error {
  override readonly name = 'KeySourceError';

  constructor(readonly reason: KeySourceFault) {
    super(KEY_SOURCE_FAULTS[reason]);
  }
}
