// Limits that are the service's nature rather than a deployment's choice.

/** Largest request body, in bytes: a player's request is a few dozen. */
export const BODY_LIMIT_BYTES = 16 * 1024;
