// The measure of durations.

/**
 * Upper bounds of durations, in seconds. A decision takes about a millisecond, as does its row in the ledger, so the first
 * bounds tell half a millisecond from one and from two. ExpressPlay takes 20 to 2000 ms, which the bounds in the middle
 * divide about evenly. Beyond the last ones are the deadlines: there it only matters that it was too long.
 */
export const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
