// What Postgres's wire protocol shows of the service's two statements.

/** The ledger's row of a token, with the first play. */
export function isLedgerStatement(bytes: Buffer): boolean {
  return /INSERT INTO issuance|issuances?_[0-9a-f]{32}/.test(bytes.toString('latin1'));
}

/** The query that a decision is taken from. */
export function isDecisionQuery(bytes: Buffer): boolean {
  return /FROM content |decisions?_[0-9a-f]{32}/.test(bytes.toString('latin1'));
}

/** The server has finished, and no transaction is open: `ReadyForQuery` with status idle ends the message. */
export function isCommitted(bytes: Buffer): boolean {
  return bytes.subarray(-6).equals(Buffer.from([0x5a, 0, 0, 0, 5, 0x49]));
}
