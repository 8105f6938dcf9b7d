// POST /v1/admin/purchases/batch: a stream in, a stream out.
import { Controller, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasTurn, StreamedBody } from '@app/platform/http';
import { RequiresScope } from '../../auth/requires-scope.decorator.js';
import { Operation, Tag } from '../../openapi/documentation.js';
import { PurchaseLine } from '../purchase-orders.dto.js';
import { EXAMPLE_ORDER, ImportReportLine, PurchaseImportQuery } from '../purchases.dto.js';
import { PurchaseImportService } from './purchase-import.service.js';

const NDJSON = 'application/x-ndjson';

const linesOf = (type: abstract new () => object) => ({
  type: 'string',
  description: 'Each line is one value of the schema of its content.',
  contentMediaType: 'application/json',
  contentSchema: type,
});
const lines = (...values: object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

const RENTAL = { externalId: 'order-1001', ...EXAMPLE_ORDER };
const SALE = {
  externalId: 'order-1002',
  userId: 'frank',
  contentId: 'tears-of-steel',
  type: 'buy-to-own',
  purchasedAt: '2026-11-21T10:00:00Z',
  version: 1,
};
const APPLIED = { line: 1, externalId: 'order-1001', outcome: 'created' };
const MISSING = [{ field: 'contentId', message: 'content tears-of-steel does not exist' }];
const REFUSED = { line: 2, externalId: 'order-1002', outcome: 'error', errors: MISSING };
const COUNTS = { lines: 2, created: 1, updated: 0, unchanged: 0, stale: 0, errors: 1 };
const SUMMARY = { summary: { complete: true, ...COUNTS, lastLine: 2 } };

@Controller('v1/admin/purchases/batch')
@RequiresScope('purchases:write')
@Tag('Purchases')
export class PurchaseImportController {
  constructor(private readonly imports: PurchaseImportService) {}

  /**
   * Record any number of sales and rentals
   * @remarks Lines of JSON in, lines of JSON out: a line of the body is reported once it is committed. The rules are those of the
   * `PUT`, and the order of the lines counts. What would be a problem there is the line's `error` here, and does not stop the others.
   * Lines have at most 64 KiB; the body may be of any length. **Read the answer while you send**: a batch goes on only as fast as its
   * report is read. The last line is the `summary`; without one, or with `complete: false`, resume after `lastLine`, with
   * `firstLine`. With `dryRun=true` all is checked and reported as if it were written, about a thousand lines at a time, and nothing
   * is written.
   */
  @Post()
  @Operation({
    body: {
      description: 'One purchase a line (`PurchaseLine`), ended by LF or CRLF.',
      mediaType: NDJSON,
      schema: linesOf(PurchaseLine),
      examples: { 'two-lines': { summary: 'A rental and a sale', value: lines(RENTAL, SALE) } },
    },
    answers: {
      200: {
        description: 'The report, as it comes about: one `ImportReportLine` a line.',
        mediaType: NDJSON,
        schema: linesOf(ImportReportLine),
        examples: { report: { summary: 'One line applied, one refused', value: lines(APPLIED, REFUSED, SUMMARY) } },
      },
    },
    problems: ['overloaded'],
  })
  @HttpCode(200)
  @StreamedBody(NDJSON)
  async importPurchases(
    @Query() query: PurchaseImportQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // An import whose report cannot go out would hold its place for nothing.
    if (!(await hasTurn(reply.raw))) return;
    const report = this.imports.start(request.raw, query, { requestId: request.id, ...request.facts });
    void reply.type(NDJSON).send(report);
  }
}
