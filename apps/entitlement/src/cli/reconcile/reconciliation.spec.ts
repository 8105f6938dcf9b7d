import { describe, expect, it } from 'vitest';
import { reconcile } from './reconciliation.js';

const NOW = new Date('2026-11-28T10:00:00Z');

describe('reading records', () => {
  it('ends where a whole page is one that was read before, as from a server that knows no pages', async () => {
    const page = Array.from({ length: 200 }, (_, index) => ({ eventId: String(index), cookie: null, deviceId: null }));
    const { records, unknown } = await reconcile({
      records: { page: () => Promise.resolve(page), ofCookie: () => Promise.resolve([]) },
      ledger: { ofIds: () => Promise.resolve([]), issuedSince: async function* () {} },
      now: NOW,
      since: NOW,
      lateSeconds: 0,
      start: 0,
      pages: Infinity,
      checkpoint: () => undefined,
    });
    expect(records).toEqual({
      start: 0,
      next: 400,
      doubled: 200,
      toTheEnd: false,
      brokenOff: 'a whole page brought nothing new',
    });
    expect(unknown).toMatchObject([{ redemptions: 200 }]);
  });
});
