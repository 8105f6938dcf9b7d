// Tells of what becomes of token requests, for counting it.
import { Injectable } from '@nestjs/common';
import type { ExpressPlayAnswer } from '@app/expressplay';
import type { Drm } from '../catalog/drm.js';
import type { RefusedIssuance } from './ledger/issuance.js';
import type { Rights } from './rights.js';

/** One thing that happened. Decisions are told once they are in the ledger. */
export type TokenEvent =
  | { kind: 'granted'; drm: Drm; rights: Rights['type']; firstPlay: boolean }
  | ({ kind: 'refused'; drm: Drm } & Pick<RefusedIssuance, 'decision' | 'reason'>)
  /** A request got the token of an identical one. */
  | { kind: 'shared'; drm: Drm }
  /** ExpressPlay was asked: with a change of authenticators twice for one decision. */
  | { kind: 'answered'; answer: ExpressPlayAnswer };

type TokenListener = (event: TokenEvent) => void;

@Injectable()
export class TokenEvents {
  readonly #listeners = new Set<TokenListener>();

  /** Calls `listener` with every event from now on, until the answer is called. */
  subscribe(listener: TokenListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** One happened. */
  report(event: TokenEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
