import 'reflect-metadata';
import { describe, expect, it } from 'vitest';
import type { Rights } from '../license-tokens/rights.js';
import { t } from '../testing/rentals.js';
import { readUnwritten, unwrittenFacts, type UnwrittenToken } from './unwritten-token.js';

const TOKEN: UnwrittenToken = {
  id: '0'.repeat(32),
  requestId: 'a-request',
  userId: 'alice',
  contentId: 'sintel',
  purchase: { id: '00000000-0000-0000-0000-000000000001' },
  drm: 'playready',
  offline: true,
  rights: { type: 'buy-to-own', endsAt: null, playDurationSeconds: null, persistent: true },
  tokenExpiresAt: t(60),
  decidedAt: t(0),
  durationMs: 12,
};

describe('the line of a token that was not written is read back', () => {
  it.each<[string, Partial<Rights>, boolean]>([
    ['to own', {}, true],
    ['to own, to be kept until a moment', { endsAt: t(3600), playDurationSeconds: 3600 }, true],
    ['to own, to be kept for seconds of play', { playDurationSeconds: 3600 }, true],
    ['a rental', { type: 'rental', endsAt: t(3600), playDurationSeconds: 3600 }, true],
    ['a rental without an end', { type: 'rental', playDurationSeconds: 3600 }, false],
    ['a rental without a duration', { type: 'rental', endsAt: t(3600) }, false],
  ])('%s: %j, %s', (_name, rights, isRead) => {
    const token = { ...TOKEN, rights: { ...TOKEN.rights, ...rights } };
    const line: unknown = JSON.parse(JSON.stringify(unwrittenFacts(token)));
    expect(readUnwritten(line as object)).toEqual(isRead ? token : [expect.objectContaining({ field: 'rightsType' })]);
  });
});
