// GET /v1/admin/issuances: the ledger, for customer support and audits.
import { Controller, Get, Query } from '@nestjs/common';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { readCursor, writeCursor } from './issuance-cursor.js';
import { IssuancesQuery } from './issuances.query.js';
import { LedgerReader, type LedgerEntry } from './ledger-reader.repository.js';
import { Operation } from '../openapi/operation.js';
import { LIST_ISSUANCES } from './issuances.openapi.js';

/** A page; `nextCursor` is null on the last one. */
interface IssuancesPage {
  issuances: LedgerEntry[];
  nextCursor: string | null;
}

@Controller('v1/admin/issuances')
@RequiresScope('ledger:read')
export class IssuancesController {
  constructor(private readonly issuances: LedgerReader) {}

  @Get()
  @Operation(LIST_ISSUANCES)
  async list(@Query() { cursor, limit, ...filter }: IssuancesQuery): Promise<IssuancesPage> {
    const after = cursor === undefined ? undefined : readCursor(cursor);
    const rows = await this.issuances.find(filter, limit + 1, after);
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return { issuances: page, nextCursor: last === undefined ? null : writeCursor(last) };
  }
}
