// GET /v1/admin/issuances: the ledger, for customer support and audits.
import { Controller, Get, Query } from '@nestjs/common';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { Operation, Tag } from '../openapi/documentation.js';
import { cursorIsWrong, readCursor, writeCursor } from '../pages.js';
import { IssuancesPage, IssuancesQuery } from './issuances.dto.js';
import { LedgerReader, type LedgerPosition } from './ledger-reader.repository.js';

/** Milliseconds and id of a page's last row. */
const POSITION = /^(\d{1,16})-([0-9a-f]{32})$/;

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
  @Operation({
    answers: {
      200: {
        description: 'A page.',
        examples: { page: { summary: 'A token', value: { issuances: [GRANTED], nextCursor: null } } },
      },
    },
  })
  async listIssuances(@Query() { cursor, limit, ...filter }: IssuancesQuery): Promise<IssuancesPage> {
    const after = cursor === undefined ? undefined : positionOf(cursor);
    const rows = await this.issuances.find(filter, limit + 1, after);
    const issuances = rows.slice(0, limit);
    const last = rows.length > limit ? issuances.at(-1) : undefined;
    return { issuances, nextCursor: last === undefined ? null : writeCursor(`${last.decidedAt.getTime()}-${last.id}`) };
  }
}

/** @throws DomainError `invalid-request` */
function positionOf(cursor: string): LedgerPosition {
  const [, milliseconds, id = ''] = readCursor(cursor, POSITION);
  const decidedAt = new Date(Number(milliseconds));
  if (Number.isNaN(decidedAt.getTime())) throw cursorIsWrong();
  return { decidedAt, id };
}
