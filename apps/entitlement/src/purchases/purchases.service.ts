// The store's events of one purchase: sold, changed, taken back, given back, and started again.
import { Injectable } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { DomainError, type FieldError, invalidFields } from '@app/platform/problems';
import { FirstPlayResetRepository, type FirstPlayReset } from './first-play-reset.repository.js';
import { orderOutcome, type TakenOutcome } from './outcomes.js';
import type { PurchaseRecord, RevocationEvent } from './purchase.js';
import { PurchaseRepository } from './purchase.repository.js';
import type { ReadOrder } from './purchase-orders.dto.js';
import { RevocationRepository } from './revocation.repository.js';
import { unappliedRevocation } from './versions.rules.js';

/** What became of an event, and the purchase as it is now. */
export interface EventOutcome {
  outcome: TakenOutcome | 'early';
  /** Undefined while there is none: an event that came before it is kept. */
  purchase: PurchaseRecord | undefined;
}

@Injectable()
export class PurchasesService {
  constructor(
    private readonly clock: Clock,
    private readonly purchases: PurchaseRepository,
    private readonly revocations: RevocationRepository,
    private readonly resets: FirstPlayResetRepository,
  ) {}

  /** @throws DomainError `purchase-not-found`, DatabaseUnavailableError */
  async get(externalId: string): Promise<PurchaseRecord> {
    const purchase = await this.purchases.find(externalId);
    if (purchase === undefined) throw purchaseNotFound();
    return purchase;
  }

  /** @throws DomainError `invalid-request` or `version-conflict`, DatabaseUnavailableError; nothing is changed then */
  async put(read: ReadOrder): Promise<EventOutcome> {
    if ('errors' in read) throw invalidFields(read.errors);
    const { order } = read;
    const { result, purchase } = await this.purchases.put(order, this.clock.now());
    const became = orderOutcome(order, result);
    if (became.outcome !== 'error') return { outcome: became.outcome, purchase };
    throw became.conflict ? versionConflict(became.errors) : invalidFields(became.errors);
  }

  /**
   * Takes a purchase back or gives it back; before there is a purchase the event is kept for it.
   * @throws DomainError `version-conflict`, DatabaseUnavailableError; nothing is changed then
   */
  async revoke(event: RevocationEvent): Promise<EventOutcome> {
    const { applied, state, purchase } = await this.revocations.apply(event, this.clock.now());
    if (applied) return { outcome: purchase === undefined ? 'early' : 'updated', purchase };
    const unapplied = unappliedRevocation(event, state);
    if (unapplied.outcome !== 'conflict') return { outcome: unapplied.outcome, purchase };
    const { fields, message } = unapplied;
    throw versionConflict(fields.map((field) => ({ field, message })));
  }

  /** @throws DomainError `purchase-not-found`, or `invalid-request` for what is no rental, DatabaseUnavailableError; nothing is changed then */
  async resetFirstPlay(reset: FirstPlayReset): Promise<EventOutcome> {
    const result = await this.resets.apply(reset, this.clock.now());
    if (result === undefined) throw purchaseNotFound();
    const { applied, purchase } = result;
    if (purchase.type !== 'rental') throw new DomainError('invalid-request', 'Only a rental has a first play.');
    return { outcome: applied ? 'updated' : 'unchanged', purchase };
  }
}

function purchaseNotFound(): DomainError {
  return new DomainError('purchase-not-found', 'There is no such purchase.');
}

function versionConflict(errors: readonly FieldError[]): DomainError {
  const detail = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new DomainError('version-conflict', `${detail}.`, { extensions: { errors } });
}
