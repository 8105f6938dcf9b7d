// Pages of lists, and where one ended, as an opaque text.
import { invalidFields } from '@app/platform/problems';

/** @param place the last thing that the page accounts for, in ASCII */
export function writeCursor(place: string): string {
  return Buffer.from(place).toString('base64url');
}

/**
 * The place that a cursor was written for, matched by the pattern of such places.
 * @throws DomainError `invalid-request` when it is not one that `writeCursor` wrote
 */
export function readCursor(cursor: string, pattern: RegExp): string {
  const place = Buffer.from(cursor, 'base64url').toString('latin1');
  // Decoding is lenient: what does not decode and encode to itself was not written here.
  if (pattern.test(place) && writeCursor(place) === cursor) return place;
  throw invalidFields([{ field: 'cursor', message: 'is not a cursor of this list' }]);
}

/**
 * Reads a page of a list.
 * @param place how places in this list are written
 * @param find finds that many, those after a place
 * @throws DomainError `invalid-request` when the cursor is none of this list
 */
export async function readPage<Item>(
  { cursor, limit }: { cursor?: string; limit: number },
  place: { pattern: RegExp; of: (item: Item) => string },
  find: (limit: number, after: string | undefined) => Promise<Item[]>,
): Promise<{ items: Item[]; nextCursor: string | null }> {
  // One more than asked for tells whether there is another page.
  const found = await find(limit + 1, cursor === undefined ? undefined : readCursor(cursor, place.pattern));
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last === undefined ? null : writeCursor(place.of(last)) };
}
