// The part of a text that follows its first lines, for an import that is resumed.

import { usageError } from '../terminal/exit-codes.js';

const LINE_FEED = 0x0a;

/**
 * Passes on what follows the first `lines` lines, which is nothing when there are no more.
 * @throws CommandError (usage) when there are fewer
 */
export async function* followingLines(source: AsyncIterable<Uint8Array>, lines: number): AsyncGenerator<Uint8Array> {
  let left = lines;
  let inLine = false;
  for await (const chunk of source) {
    let from = 0;
    while (left > 0) {
      const end = chunk.indexOf(LINE_FEED, from);
      if (end === -1) break;
      from = end + 1;
      left -= 1;
    }
    if (left === 0 && from < chunk.length) yield chunk.subarray(from);
    if (chunk.length > 0) inLine = chunk.at(-1) !== LINE_FEED;
  }
  // The last line may do without a line feed.
  if (left > (inLine ? 1 : 0)) {
    const count = lines - left + (inLine ? 1 : 0);
    throw usageError(`--first-line ${lines + 1}: there are only ${count} lines.`);
  }
}
