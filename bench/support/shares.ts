// Whether one sample is slower than another, by ranks (Mann and Whitney), which a few very slow answers do not sway.

/** A share from 0 to 1, and the standard error that it has when there is no difference. */
export interface Share {
  share: number;
  error: number;
}

/** Of all pairs, one from each sample: in how many the first is the larger. 0.5 when nothing tells them apart. */
export function shareOfSlower(first: readonly number[], second: readonly number[]): Share {
  const all = [...first.map((value) => ({ value, first: true })), ...second.map((value) => ({ value, first: false }))];
  all.sort((a, b) => a.value - b.value);
  let ranks = 0;
  for (const [index, { first: isFirst }] of all.entries()) if (isFirst) ranks += index + 1;
  const [n, m] = [first.length, second.length];
  return { share: (ranks - (n * (n + 1)) / 2) / (n * m), error: Math.sqrt((n + m + 1) / (12 * n * m)) };
}
