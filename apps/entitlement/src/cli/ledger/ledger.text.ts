// Rows of the ledger as a table for people.
import type { LedgerEntry } from '../../ledger/ledger-reader.repository.js';
import { momentText } from '../terminal/moments.js';
import { table } from '../terminal/table.js';

const HEAD = ['DECIDED AT', 'USER', 'TITLE', 'DRM', 'DECISION', 'REASON', 'RIGHTS', 'ID (COOKIE)'];

export function ledgerText(rows: readonly LedgerEntry[]): string {
  return rows.length === 0 ? 'No rows.' : table(HEAD, rows.map(rowText));
}

function rowText(row: LedgerEntry): string[] {
  const { decidedAt, userId, contentId, drm, offline, decision, reason, expressPlayCode, id } = row;
  const device = drm === null ? '-' : `${drm}${offline ? ' offline' : ''}`;
  const why = [reason ?? '', expressPlayCode === null ? '' : `(${expressPlayCode})`].filter((text) => text !== '');
  return [momentText(decidedAt), userId, contentId, device, decision, why.join(' ') || '-', rightsText(row), id];
}

function rightsText({ rightsType, rightsEndAt, firstPlay }: LedgerEntry): string {
  if (rightsType === null) return '-';
  const end = rightsEndAt === null ? '' : ` until ${momentText(rightsEndAt)}`;
  return `${rightsType}${end}${firstPlay ? ', first play' : ''}`;
}
