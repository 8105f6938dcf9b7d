// POST /v1/admin/purchases/batch: a stream in, a stream out.
import { Controller, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasTurn, StreamedBody } from '@app/platform/http';
import { RequiresScope } from '../../auth/requires-scope.decorator.js';
import { PurchaseImportQuery } from './purchase-import.query.js';
import { PurchaseImportService } from './purchase-import.service.js';
import { Operation } from '../../openapi/operation.js';
import { IMPORT_PURCHASES } from './purchase-import.openapi.js';

const NDJSON = 'application/x-ndjson';

@Controller('v1/admin/purchases/batch')
@RequiresScope('purchases:write')
export class PurchaseImportController {
  constructor(private readonly imports: PurchaseImportService) {}

  @Post()
  @Operation(IMPORT_PURCHASES)
  @HttpCode(200)
  @StreamedBody(NDJSON)
  async import(
    @Query() query: PurchaseImportQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // An import whose report cannot go out would hold its place for nothing.
    if (!(await hasTurn(reply.raw))) return;
    const report = this.imports.start(request.raw, query);
    void reply.type(NDJSON).send(report);
  }
}
