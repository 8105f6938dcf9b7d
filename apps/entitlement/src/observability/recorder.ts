// Records a decision: in the ledger, and then in the request's line in the log, in its trace and in the metrics.
import { Injectable, Logger } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { Clock } from '@app/platform/clock';
import type { RequestFacts } from '@app/platform/http';
import { annotateRequest } from '@app/platform/telemetry';
import { DRMS, type Drm } from '../catalog/content.js';
import { type IssuanceBase, type Refusal, REFUSALS, type Sale } from '../ledger/issuance.js';
import { LedgerWriter } from '../ledger/ledger-writer.repository.js';
import { UNWRITTEN, unwrittenFacts, type UnwrittenToken } from '../ledger/unwritten-token.js';
import type { Purchase } from '../purchases/purchase.js';
import { Stages } from './stages.js';

/** A request that is decided on, with the facts of its line in the log. */
export interface DecidedRequest extends IssuanceBase {
  facts: RequestFacts;
}

/** What log and trace say of a decision beyond what was asked for. */
interface DecisionFacts {
  decision?: string;
  reason?: string;
  expressPlayCode?: number | undefined;
  /** For the log alone, as is `firstPlay`. */
  rightsType?: string;
  firstPlay?: boolean;
}

/** The largest integer of Postgres. */
const LONGEST_MS = 2 ** 31 - 1;

@Injectable()
export class Recorder {
  readonly #decisions: Counter<'decision' | 'reason'>;
  readonly #issued: Counter<'drm' | 'rights'>;
  readonly #shared: Counter<'drm'>;
  readonly #clocks: Counter<'drm'>;
  readonly #unwritten: Counter<'drm'>;
  readonly #logger = new Logger(Recorder.name);

  constructor(
    registry: Registry,
    private readonly clock: Clock,
    private readonly ledger: LedgerWriter,
    private readonly stages: Stages,
  ) {
    const registers = [registry];
    this.#decisions = new Counter({
      name: 'entitlement_decisions_total',
      help: 'Decisions about licence tokens that are in the ledger, by reason.',
      labelNames: ['decision', 'reason'],
      registers,
    });
    this.#issued = new Counter({
      name: 'entitlement_tokens_issued_total',
      help: 'Licence tokens that were bought and are in the ledger.',
      labelNames: ['drm', 'rights'],
      registers,
    });
    this.#shared = new Counter({
      name: 'entitlement_token_requests_shared_total',
      help: 'Requests that were answered with the token of an identical one that was under way.',
      labelNames: ['drm'],
      registers,
    });
    this.#clocks = new Counter({
      name: 'entitlement_rental_clocks_started_total',
      help: 'Rentals whose first token was issued, which starts the play window.',
      labelNames: ['drm'],
      registers,
    });
    this.#unwritten = new Counter({
      name: 'entitlement_tokens_unwritten_total',
      help: 'Licence tokens that were bought, could not be written to the ledger, and went to nobody. Each has a line in the log.',
      labelNames: ['drm'],
      registers,
    });
    // A rate needs the 0 that a counter starts from.
    this.#decisions.inc({ decision: 'granted', reason: 'none' }, 0);
    for (const [reason, decision] of Object.entries(REFUSALS)) this.#decisions.inc({ decision, reason }, 0);
    for (const drm of DRMS) {
      for (const rights of ['buy-to-own', 'rental']) this.#issued.inc({ drm, rights }, 0);
      for (const counter of [this.#shared, this.#clocks, this.#unwritten]) counter.inc({ drm }, 0);
    }
  }

  /** Whether the ledger could not be written the last time: what is bought for this purchase then may be for nobody. */
  isLedgerFailing(purchase: Purchase): boolean {
    return this.ledger.isFailing(purchase);
  }

  /**
   * Records an issued token, and with a rental's first one its first play.
   * @returns false when the purchase was changed since the decision: then nothing is recorded
   * @throws DatabaseUnavailableError
   */
  async granted(issuance: DecidedRequest, sale: Sale): Promise<boolean> {
    const row = { ...issuance, ...sale, durationMs: this.#elapsed(issuance) };
    const firstPlay = await this.#write(issuance, () => this.ledger.recordGranted(row), row);
    if (firstPlay === undefined) return false;
    const { drm } = issuance;
    const rights = sale.rights.type;
    this.#describe(issuance, { decision: 'granted', rightsType: rights, firstPlay });
    this.#decisions.inc({ decision: 'granted', reason: 'none' });
    this.#issued.inc({ drm, rights });
    if (firstPlay) this.#clocks.inc({ drm });
    return true;
  }

  /** Records a request that ended without a token. @throws DatabaseUnavailableError */
  async refused(issuance: DecidedRequest, refusal: Refusal): Promise<void> {
    const row = { ...issuance, ...refusal, durationMs: this.#elapsed(issuance) };
    const { reason, purchase, rights, expressPlayCode } = refusal;
    const isThrownAway = reason === 'purchase-changed' && purchase !== undefined && rights !== undefined;
    const thrownAway = isThrownAway ? { ...row, reason, purchase, rights } : undefined;
    await this.#write(issuance, () => this.ledger.recordRefused(row), thrownAway);
    const decision = REFUSALS[reason];
    this.#describe(issuance, { decision, reason, expressPlayCode });
    this.#decisions.inc({ decision, reason });
  }

  /** A request got the token of an identical one. */
  shared({ drm, facts }: Pick<DecidedRequest, 'drm' | 'facts'>, id: string): void {
    Object.assign(facts, { issuanceId: id, shared: true });
    annotateRequest({ ...attributesOf(id, drm, { decision: 'granted' }), 'entitlement.shared': true });
    this.#shared.inc({ drm });
  }

  /** What could not be written down is found at ExpressPlay by the cookie that the log and the trace have. @param bought a token, if one was */
  async #write<T>(issuance: DecidedRequest, write: () => Promise<T>, bought?: UnwrittenToken): Promise<T> {
    try {
      return await this.stages.run('ledger', write);
    } catch (error) {
      this.#describe(issuance, {});
      if (bought !== undefined) {
        this.#unwritten.inc({ drm: bought.drm });
        this.#logger.error({ err: error, ...unwrittenFacts(bought) }, UNWRITTEN);
      }
      throw error;
    }
  }

  /** Adds to the request's line in the log and to its trace, which the ledger's row is found by. */
  #describe({ id, contentId, drm, offline, facts }: DecidedRequest, more: DecisionFacts): void {
    Object.assign(facts, { issuanceId: id, contentId, drm, offline, ...more });
    annotateRequest(attributesOf(id, drm, more));
  }

  #elapsed({ decidedAt }: IssuanceBase): number {
    const passed = this.clock.now().getTime() - decidedAt.getTime();
    // A clock may jump while a token is bought, by more than the ledger's column holds.
    return Math.min(Math.max(0, passed), LONGEST_MS);
  }
}

/** The words of the row in the ledger, without who it is about. */
function attributesOf(id: string, drm: Drm, { decision, reason, expressPlayCode }: DecisionFacts) {
  return {
    'entitlement.issuance_id': id,
    'entitlement.drm': drm,
    'entitlement.decision': decision,
    'entitlement.reason': reason,
    'expressplay.code': expressPlayCode,
  };
}
