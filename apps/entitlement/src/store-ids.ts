// How stores' own ids, and ids of users, are written: code points, as many as the database takes, none of them a control character.

/** An order. `.` and `..` have no address: whoever follows an address takes them for steps in it. */
export const EXTERNAL_ID = /^(?!\.{1,2}$)[^\p{Cc}\p{Cs}]{1,255}$/u;

/** What to say of an id of an order that is not. */
export const EXTERNAL_ID_RULE = 'must be a text of 1 to 255 characters, without control characters, and not . or ..';

/** A user. `*` is none: who writes it means everybody, and a purchase is of one. */
export const USER_ID = /^(?!\*$)[^\p{Cc}\p{Cs}]{1,255}$/u;

/** What to say of an id of a user that is not. */
export const USER_ID_RULE = 'must be a text of 1 to 255 characters, without control characters, and not *';

/** Both, as far as every reader of patterns can know them. */
export const STORE_ID_SCHEMA = { pattern: String.raw`^[^\u0000-\u001f\u007f-\u009f]{1,255}$` };
