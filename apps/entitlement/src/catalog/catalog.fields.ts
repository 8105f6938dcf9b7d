// Schemas of the fields that several answers have.
import { oneOf, text } from '../openapi/schema.js';
import { CONTENT_ID } from './content-id.js';
import { DRMS } from './drm.js';

/** A title's id. */
export const CONTENT_ID_FIELD = text('The title.', { pattern: CONTENT_ID.source });

/** A DRM. */
export const DRM_FIELD = oneOf('The DRM.', DRMS);
