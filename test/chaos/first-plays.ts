// Whether a rental's first plays and resets can have happened one after the other, as their rows in the ledger say: pure.

/** A token that started the clock, or a reset that took it back, in milliseconds. */
export interface ClockEvent {
  readonly id: string;
  readonly kind: 'start' | 'reset';
  /** Of a start, the moment that it writes as the first play, by its replica's clock. */
  readonly writes?: number;
  /** It took effect after this moment, and before that one, which is infinite where nobody was answered. */
  readonly from: number;
  readonly until: number;
}

/**
 * The events have to take turns, a start first, and none may come before one that had ended when it began.
 * @param firstPlay when the rental was first played, as it is in the end
 * @returns what is wrong, or undefined
 */
export function clockFault(firstPlay: number | null, events: readonly ClockEvent[]): string | undefined {
  const starts = events.filter(({ kind }) => kind === 'start');
  const surplus = 2 * starts.length - events.length;
  if (surplus !== (firstPlay === null ? 0 : 1)) {
    return `${starts.length} starts and ${events.length - starts.length} resets, first play ${shown(firstPlay)}`;
  }
  const last = firstPlay === null ? undefined : starts.find(({ writes }) => writes === firstPlay);
  if (firstPlay !== null && last === undefined) return `no token started the clock at ${shown(firstPlay)}`;

  let rest = [...events];
  for (let turn = 0; rest.length > 0; turn += 1) {
    const kind = turn % 2 === 0 ? 'start' : 'reset';
    const isNext = (event: ClockEvent) =>
      event.kind === kind && (event !== last || rest.length === 1) && rest.every(({ until }) => until >= event.from);
    // The one that was over first: whatever may follow another one may follow this one.
    const [next] = rest.filter(isNext).sort((one, other) => one.until - other.until);
    if (next === undefined) return `starts and resets do not take turns from the ${turn + 1}. on`;
    rest = rest.filter((event) => event !== next);
  }
  return undefined;
}

function shown(moment: number | null): string {
  return moment === null ? 'null' : new Date(moment).toISOString();
}
