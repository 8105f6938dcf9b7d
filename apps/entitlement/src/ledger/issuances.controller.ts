// GET /v1/admin/issuances: the ledger, for customer support and audits.
import { Controller, Get, Query } from '@nestjs/common';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { Operation, page, Tag } from '../openapi/documentation.js';
import { readPage } from '../pages.js';
import { IssuancesPage, IssuancesQuery, type LedgerEntry } from './issuances.dto.js';
import { LedgerReader } from './ledger-reader.repository.js';

/** Milliseconds and id of a page's last row. */
const BY_POSITION = {
  pattern: /^\d{1,14}-[0-9a-f]{32}$/,
  of: ({ decidedAt, id }: LedgerEntry) => `${decidedAt.getTime()}-${id}`,
};

const GRANTED = {
  id: '5f0c9a52e1f24c6f8f0e4d5a7b3c2d10',
  userId: 'bob',
  contentId: 'sintel',
  purchase: 'order-1001',
  drm: 'playready',
  offline: false,
  decision: 'granted',
  reason: null,
  rightsType: 'rental',
  rightsEndAt: '2026-11-23T10:00:00.000Z',
  playDurationSeconds: 172_800,
  persistent: true,
  tokenExpiresAt: '2026-11-21T10:05:00.000Z',
  firstPlay: true,
  expressPlayCode: null,
  requestId: '0b8f6a1e-6c1d-4f6e-9a55-2f0f8f5f9f43',
  decidedAt: '2026-11-21T10:00:00.000Z',
  durationMs: 41,
  actor: null,
  note: null,
};

@Controller('v1/admin/issuances')
@RequiresScope('ledger:read')
@Tag('Ledger')
export class IssuancesController {
  constructor(private readonly issuances: LedgerReader) {}

  /**
   * Read the ledger
   * @remarks The rows that meet all of what is given, the newest first. Ask until `nextCursor` is null.
   */
  @Get()
  @Operation({ answers: page({ issuances: [GRANTED], nextCursor: null }, 'A token') })
  async listIssuances(@Query() { cursor, limit, ...filter }: IssuancesQuery): Promise<IssuancesPage> {
    const { items, nextCursor } = await readPage({ cursor, limit }, BY_POSITION, (most, after) => {
      const [milliseconds, id] = after?.split('-') ?? [];
      const position = id === undefined ? undefined : { decidedAt: new Date(Number(milliseconds)), id };
      return this.issuances.find(filter, most, position);
    });
    return { issuances: items, nextCursor };
  }
}
