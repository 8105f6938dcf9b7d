// What may be known of the database's connections by those who ask it nothing.

/** What the pool is busy with. */
export interface DatabasePoolFigures {
  /** Connections that wait for a query. */
  readonly idle: number;
  /** Connections that work on one, or are being opened for it. */
  readonly inUse: number;
  /** Queries that wait for a connection. */
  readonly waiting: number;
  /** Most connections there may be. */
  readonly limit: number;
}

/** The pool of this process, to be looked at and not used. */
export abstract class DatabasePool {
  /** The pool at the moment. */
  abstract get pool(): DatabasePoolFigures;
}
