// How names of output policies are written; the database checks the same.

/** 1 to 64 characters. */
export const OUTPUT_POLICY_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
