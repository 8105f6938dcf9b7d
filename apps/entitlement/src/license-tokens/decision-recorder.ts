// Writes decisions into the ledger and then tells of them: in the request's line in the log, in its trace, and to the metrics.
import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { Clock } from '@app/platform/clock';
import type { Drm } from '../catalog/drm.js';
import type { Purchase } from '../purchases/purchase.js';
import { Stages } from '../observability/stages.js';
import { annotateDecision, type TracedDecision } from '../observability/decision-attributes.js';
import type { IssuanceBase, RefusedIssuance } from '../ledger/issuance.js';
import { IssuanceRepository } from '../ledger/issuance.repository.js';
import type { Rights, TokenTerms } from './rights.js';
import { TokenEvents } from './token-events.js';

/** What is bought, and for which purchase. */
export type Sale = TokenTerms & { purchase: Purchase };

/** What the log says of a decision. */
interface DecisionFacts extends Pick<TracedDecision, 'decision' | 'reason' | 'expressPlayCode'> {
  rightsType?: Rights['type'];
  firstPlay?: boolean;
}

@Injectable()
export class DecisionRecorder {
  constructor(
    private readonly clock: Clock,
    private readonly ledger: IssuanceRepository,
    private readonly logger: PinoLogger,
    private readonly stages: Stages,
    private readonly events: TokenEvents,
  ) {}

  /** Whether the ledger could not be written the last time: what is bought then may be for nobody. */
  isFailing(purchase: Purchase): boolean {
    return this.ledger.isFailing(purchase);
  }

  /**
   * @returns false when the purchase was changed since the decision, which is recorded instead
   * @throws DatabaseUnavailableError
   */
  async granted(base: IssuanceBase, sale: Sale): Promise<boolean> {
    const { purchase, rights } = sale;
    const durationMs = this.elapsed(base);
    const firstPlay = await this.record(base, () => this.ledger.recordGranted({ ...base, ...sale, durationMs }));
    if (firstPlay === undefined) {
      await this.refused(base, { decision: 'failed', reason: 'purchase-changed', purchase, rights });
      return false;
    }
    this.tell(base, { decision: 'granted', rightsType: rights.type, firstPlay });
    this.events.report({ kind: 'granted', drm: base.drm, rights: rights.type, firstPlay });
    return true;
  }

  /** @throws DatabaseUnavailableError */
  async refused(base: IssuanceBase, outcome: Omit<RefusedIssuance, keyof IssuanceBase | 'durationMs'>): Promise<void> {
    const durationMs = this.elapsed(base);
    await this.record(base, () => this.ledger.recordRefused({ ...base, ...outcome, durationMs }));
    const { decision, reason, expressPlayCode } = outcome;
    this.tell(base, { decision, reason, expressPlayCode });
    this.events.report({ kind: 'refused', drm: base.drm, decision, reason });
  }

  /** A request got the token of an identical one. */
  shared(id: string, drm: Drm): void {
    this.logger.assign({ issuanceId: id, shared: true });
    annotateDecision({ id, drm, decision: 'granted', shared: true });
    this.events.report({ kind: 'shared', drm });
  }

  /** What could not be written down is found at ExpressPlay by the cookie that the log and the trace have. */
  private async record<T>(base: IssuanceBase, write: () => Promise<T>): Promise<T> {
    try {
      return await this.stages.run('ledger', write);
    } catch (error) {
      this.tell(base, {});
      throw error;
    }
  }

  /** Adds to the request's line in the log and to its trace, which the ledger's row is found by. */
  private tell({ id, contentId, drm, offline }: IssuanceBase, facts: DecisionFacts): void {
    this.logger.assign({ issuanceId: id, contentId, drm, offline, ...facts });
    annotateDecision({ id, drm, ...facts });
  }

  private elapsed({ decidedAt }: IssuanceBase): number {
    return Math.max(0, this.clock.now().getTime() - decidedAt.getTime());
  }
}
