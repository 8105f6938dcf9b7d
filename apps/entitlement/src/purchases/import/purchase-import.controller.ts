// POST /v1/admin/purchases/batch: a stream in, a stream out.
import { Controller, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { StreamedBody } from '@app/http';
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
  import(@Query() query: PurchaseImportQuery, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const report = this.imports.start(request.raw, query);
    void reply.header('Cache-Control', 'no-store').type(NDJSON).send(report);
  }
}
