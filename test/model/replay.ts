// How many histories are tried, or which single one: a failure prints its seed and path, and they replay it.

/** Settings of `fc.assert` for so many histories; `HISTORY_RUNS`, `HISTORY_SEED` and `HISTORY_PATH` say otherwise. */
export function runs(numRuns: number): { numRuns: number; seed?: number; path?: string; endOnFailure?: boolean } {
  const { HISTORY_RUNS: given, HISTORY_SEED: seed, HISTORY_PATH: path } = process.env;
  return {
    numRuns: given === undefined ? numRuns : Number(given),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path, endOnFailure: true }),
  };
}
