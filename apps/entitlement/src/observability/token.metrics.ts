// Decisions about licence tokens, and the tokens.
import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { DRMS } from '../catalog/drm.js';
import { REFUSALS } from '../ledger/issuance.js';
import { TokenEvents } from '../license-tokens/token-events.js';

const RIGHTS = ['buy-to-own', 'rental'] as const;

@Injectable()
export class TokenMetrics {
  constructor(registry: Registry, events: TokenEvents) {
    const registers = [registry];
    const decisions = new Counter({
      name: 'entitlement_decisions_total',
      help: 'Decisions about licence tokens that are in the ledger, by reason.',
      labelNames: ['decision', 'reason'],
      registers,
    });
    const issued = new Counter({
      name: 'entitlement_tokens_issued_total',
      help: 'Licence tokens that were bought and are in the ledger.',
      labelNames: ['drm', 'rights'],
      registers,
    });
    const shared = new Counter({
      name: 'entitlement_token_requests_shared_total',
      help: 'Requests that were answered with the token of an identical one that was under way.',
      labelNames: ['drm'],
      registers,
    });
    const clocks = new Counter({
      name: 'entitlement_rental_clocks_started_total',
      help: 'Rentals whose first token was issued, which starts the play window.',
      labelNames: ['drm'],
      registers,
    });

    // A rate needs the 0 that a counter starts from.
    decisions.inc({ decision: 'granted', reason: 'none' }, 0);
    for (const [reason, decision] of Object.entries(REFUSALS)) decisions.inc({ decision, reason }, 0);
    for (const drm of DRMS) {
      for (const rights of RIGHTS) issued.inc({ drm, rights }, 0);
      for (const counter of [shared, clocks]) counter.inc({ drm }, 0);
    }

    events.subscribe((event) => {
      if (event.kind === 'granted') {
        const { drm, rights, firstPlay } = event;
        decisions.inc({ decision: 'granted', reason: 'none' });
        issued.inc({ drm, rights });
        if (firstPlay) clocks.inc({ drm });
      } else if (event.kind === 'refused') {
        decisions.inc({ decision: event.decision, reason: event.reason });
      } else if (event.kind === 'shared') {
        shared.inc({ drm: event.drm });
      }
    });
  }
}
