// Pages of the catalogue's lists, in the order of names.
import { Type } from 'class-transformer';
import { IsOptional } from 'class-validator';
import { invalidFields } from '@app/platform/problems';
import { Text, WholeNumber } from './field-rules.js';
import { Field } from '../openapi/operation.js';

export class CatalogPageQuery {
  @Field('`nextCursor` of the page before this.')
  @IsOptional()
  @Text(1, 200)
  cursor?: string;

  @Field('Most entries of the page.')
  @IsOptional()
  @Type(() => Number)
  @WholeNumber(1, 200)
  limit = 50;
}

/** A part of a list. */
export interface CatalogPage<Item> {
  items: Item[];
  /** Asks for the page after this one; null on the last. */
  nextCursor: string | null;
}

/**
 * Reads one page.
 * @param name how names in this list are written
 * @param find finds that many, those after a name
 * @throws DomainError `invalid-request` when the cursor is none of this list
 */
export async function readPage<Item>(
  { cursor, limit }: CatalogPageQuery,
  name: { pattern: RegExp; of: (item: Item) => string },
  find: (limit: number, after: string | undefined) => Promise<Item[]>,
): Promise<CatalogPage<Item>> {
  // One more than asked for tells whether there is another page.
  const found = await find(limit + 1, cursor === undefined ? undefined : readCursor(cursor, name.pattern));
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last === undefined ? null : Buffer.from(name.of(last)).toString('base64url') };
}

function readCursor(cursor: string, pattern: RegExp): string {
  const name = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!pattern.test(name)) throw invalidFields([{ field: 'cursor', message: 'is not a cursor of this list' }]);
  return name;
}
