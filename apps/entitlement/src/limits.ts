// Limits that are the service's nature rather than a deployment's choice.

/** Largest request body, in bytes: a player's request is a few dozen. */
export const BODY_LIMIT_BYTES = 16 * 1024;

/** Nesting of objects and lists in a JSON body: a content with its policy is three deep. */
export const MAX_JSON_DEPTH = 8;

/** Members of objects and items of lists in a JSON body. */
export const MAX_JSON_MEMBERS = 500;

/** Connections at once, on each port: each costs memory and a file handle, whether it asks for anything or not. */
export const MAX_CONNECTIONS = 10_000;
