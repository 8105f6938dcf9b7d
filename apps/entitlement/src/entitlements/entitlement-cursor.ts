// Where a page of a viewer's titles ended, as an opaque text.
import { invalidFields } from '@app/platform/problems';
import { CONTENT_ID } from '../catalog/content-id.js';

/** @param contentId the last title that the page accounts for */
export function writeCursor(contentId: string): string {
  return Buffer.from(contentId).toString('base64url');
}

/** @throws DomainError `invalid-request` when it is not one that `writeCursor` wrote */
export function readCursor(cursor: string): string {
  const contentId = Buffer.from(cursor, 'base64url').toString('latin1');
  // Decoding is lenient: what does not decode and encode to itself was not written here.
  if (!CONTENT_ID.test(contentId) || writeCursor(contentId) !== cursor) {
    throw invalidFields([{ field: 'cursor', message: 'is not a cursor of this list' }]);
  }
  return contentId;
}
