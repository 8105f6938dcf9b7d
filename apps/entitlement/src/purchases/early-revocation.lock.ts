// Keeps a revocation that comes before its purchase and that purchase, coming at the same instant, from missing each other.

/**
 * An advisory lock of Postgres. Who writes purchases holds it shared, so that they do not wait for each other; who is about
 * to keep a revocation because there is no purchase holds it alone. So either the purchase is there when it is looked for
 * again, or the revocation is there when the purchase is written. One lock for all, because a batch of a thousand would
 * need a thousand, and revocations without a purchase are rare.
 */
export const EARLY_REVOCATION_LOCK = { space: 4, key: 1 };
