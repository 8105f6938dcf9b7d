// How ids of contents are written; the database checks the same.

/** 1 to 128 characters. */
export const CONTENT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** What to say of an id that is not. */
export const CONTENT_ID_RULE = 'contentId must be 1 to 128 letters, digits, dots, underscores and hyphens';
