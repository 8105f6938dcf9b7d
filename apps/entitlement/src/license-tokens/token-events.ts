// Tells of what becomes of token requests, for counting it.
import { Injectable } from '@nestjs/common';
import type { ExpressPlayAnswer } from '@app/expressplay';
import { Listeners } from '@app/platform/listeners';
import type { Drm } from '../catalog/drm.js';
import type { RefusedIssuance } from '../ledger/issuance.js';
import type { Rights } from './rights.js';

/** One thing that happened. Decisions are told once they are in the ledger. */
export type TokenEvent =
  | { kind: 'granted'; drm: Drm; rights: Rights['type']; firstPlay: boolean }
  | ({ kind: 'refused'; drm: Drm } & Pick<RefusedIssuance, 'decision' | 'reason'>)
  /** A request got the token of an identical one. */
  | { kind: 'shared'; drm: Drm }
  /** ExpressPlay was asked: with a change of authenticators twice for one decision. */
  | { kind: 'answered'; answer: ExpressPlayAnswer };

/** Tells them on. A listener's failure keeps no player from a token. */
@Injectable()
export class TokenEvents extends Listeners<TokenEvent> {
  constructor() {
    super('token events');
  }
}
