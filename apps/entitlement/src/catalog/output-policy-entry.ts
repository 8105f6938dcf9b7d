// An output policy as the store's side keeps it.
import type { OutputPolicy } from './content.js';

/** An output policy in the catalogue. */
export interface OutputPolicyEntry {
  name: string;
  /** Counts the changes. */
  version: number;
  policy: OutputPolicy;
}
