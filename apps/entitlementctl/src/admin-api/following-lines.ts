// The part of a text that follows its first lines, for an import that is resumed.

const LINE_FEED = 0x0a;

/** Passes on what follows the first `lines` lines. */
export async function* followingLines(source: AsyncIterable<Uint8Array>, lines: number): AsyncGenerator<Uint8Array> {
  let left = lines;
  for await (const chunk of source) {
    let from = 0;
    while (left > 0) {
      const end = chunk.indexOf(LINE_FEED, from);
      if (end === -1) break;
      from = end + 1;
      left -= 1;
    }
    if (left === 0 && from < chunk.length) yield chunk.subarray(from);
  }
}
