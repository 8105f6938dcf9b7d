// How stores' own ids, and ids of users, are written.

/** 1 to 255 characters, none of them a control character; as many as the database takes. */
export const STORE_ID = /^[^\p{Cc}\p{Cs}]{1,255}$/u;

/** What to say of an id that is not. */
export const STORE_ID_RULE = 'must be a text of 1 to 255 characters, without control characters';
