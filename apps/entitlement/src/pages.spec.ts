import { describe, expect, it } from 'vitest';
import { CONTENT_ID } from './catalog/content.js';
import { readCursor, writeCursor } from './pages.js';

const encoded = (value: string) => Buffer.from(value).toString('base64url');

describe('a cursor of a list', () => {
  it.each(['a', 'sintel', 'A.b_c-9', 'x'.repeat(128)])(
    'leads back to %s, and says it in no plain words',
    (contentId) => {
      const cursor = writeCursor(contentId);
      expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(cursor).not.toBe(contentId);
      expect(readCursor(cursor, CONTENT_ID)).toBe(contentId);
    },
  );

  it.each([
    ['a content id', 'sintel'],
    ['no base64url', '***'],
    ['nothing', ''],
    ['one with something appended', `${writeCursor('sintel')}*`],
    ['one with padding', Buffer.from('sin').toString('base64url') + '='],
    ['no content id inside', encoded('a b')],
    ['too long an id inside', encoded('x'.repeat(129))],
    ['SQL inside', encoded("x' OR true --")],
  ])('is not %s', (_name, cursor) => {
    expect(() => readCursor(cursor, CONTENT_ID)).toThrow(
      expect.objectContaining({
        code: 'invalid-request',
        extensions: { errors: [expect.objectContaining({ field: 'cursor' })] },
      }),
    );
  });
});
