// A content as the store's side keeps it: what the catalogue says of it, its key, and the version of both.
import type { StoredContentKey } from './content.js';

/** What a store says of a content. */
export interface ContentValues {
  /** For people. */
  title: string;
  /** Key id, 32 lowercase hex digits; no two contents have the same. */
  kid: string;
  /** FairPlay's content encryption IV, 32 lowercase hex digits. */
  iv: string | null;
  /** Name of its output policy. */
  outputPolicy: string;
  /** First moment it may be played. */
  availableFrom: Date | null;
  /** First moment it may no longer be played. */
  withdrawnAt: Date | null;
}

/** A content in the catalogue. */
export interface ContentEntry {
  id: string;
  /** Counts the changes of its values and of its key. */
  version: number;
  values: ContentValues;
  key: StoredContentKey | null;
}

/** A key that a store hands in. Byte arrays are the receiver's, who zeroes the clear one. */
export type ContentKeyOrder =
  | { kind: 'clear'; contentKey: Uint8Array }
  | { kind: 'wrapped'; kekId: string; ek: Uint8Array }
  | { kind: 'key-storage'; kekId: string };
