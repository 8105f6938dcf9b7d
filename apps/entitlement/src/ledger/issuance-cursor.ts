// Where a page of the ledger ended, as an opaque text: moment and id of its last row.
import { invalidFields } from '@app/platform/problems';

/** The place of a row among all: by its moment, and among rows of one moment by its id. */
export interface LedgerPosition {
  decidedAt: Date;
  id: string;
}

const POSITION = /^(\d{1,16})-([0-9a-f]{32})$/;

/** Writes a cursor. */
export function writeCursor({ decidedAt, id }: LedgerPosition): string {
  return Buffer.from(`${decidedAt.getTime()}-${id}`).toString('base64url');
}

/** @throws DomainError `invalid-request` when it is not one that `writeCursor` wrote */
export function readCursor(cursor: string): LedgerPosition {
  const [, milliseconds, id] = POSITION.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  const decidedAt = new Date(Number(milliseconds));
  if (id === undefined || Number.isNaN(decidedAt.getTime())) {
    throw invalidFields([{ field: 'cursor', message: 'is not a cursor of this list' }]);
  }
  return { decidedAt, id };
}
