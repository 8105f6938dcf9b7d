// The store's events of one purchase: sold, changed, taken back, given back, and started again.
import { Injectable } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { DomainError, invalidFields } from '@app/platform/problems';
import { orderOutcome, unappliedRevocation, type EventOutcome, type TakenOutcome } from './outcomes.js';
import type { RevocationEvent } from './purchase.js';
import { PurchaseRepository, type FirstPlayReset } from './purchase.repository.js';
import type { ReadOrder } from './purchase-orders.dto.js';
import type { EventAnswer, PurchaseAnswer } from './purchases.dto.js';

@Injectable()
export class PurchasesService {
  constructor(
    private readonly clock: Clock,
    private readonly purchases: PurchaseRepository,
  ) {}

  /** @throws DomainError `purchase-not-found`, DatabaseUnavailableError */
  async get(externalId: string): Promise<PurchaseAnswer> {
    const purchase = await this.purchases.find(externalId);
    if (purchase === undefined) throw purchaseNotFound();
    return purchase;
  }

  /** @throws DomainError `invalid-request` or `version-conflict`, DatabaseUnavailableError; nothing is changed then */
  async put(read: ReadOrder): Promise<EventAnswer> {
    if ('errors' in read) throw invalidFields(read.errors);
    const { order } = read;
    const { result, purchase = null } = await this.purchases.put(order, this.clock.now());
    return { externalId: order.externalId, outcome: taken(orderOutcome(order, result)), purchase };
  }

  /**
   * Takes a purchase back or gives it back; before there is a purchase the event is kept for it.
   * @throws DomainError `version-conflict`, DatabaseUnavailableError; nothing is changed then
   */
  async revoke(event: RevocationEvent): Promise<EventAnswer> {
    const { applied, state, purchase = null } = await this.purchases.revoke(event, this.clock.now());
    const written = purchase === null ? 'early' : 'updated';
    return {
      externalId: event.externalId,
      outcome: applied ? written : taken(unappliedRevocation(event, state)),
      purchase,
    };
  }

  /**
   * @throws DomainError `purchase-not-found`, or `invalid-request` for what is no rental, DatabaseUnavailableError; nothing is
   *   changed then
   */
  async resetFirstPlay(reset: FirstPlayReset): Promise<EventAnswer> {
    const result = await this.purchases.resetFirstPlay(reset, this.clock.now());
    if (result === undefined) throw purchaseNotFound();
    const { applied, purchase } = result;
    if (purchase.type !== 'rental') throw new DomainError('invalid-request', 'Only a rental has a first play.');
    return { externalId: reset.externalId, outcome: applied ? 'updated' : 'unchanged', purchase };
  }
}

function purchaseNotFound(): DomainError {
  return new DomainError('purchase-not-found', 'There is no such purchase.');
}

/** @throws DomainError `version-conflict` or `invalid-request` for an event that was not taken */
function taken(became: EventOutcome): TakenOutcome {
  if (became.outcome !== 'error') return became.outcome;
  const { conflict, errors } = became;
  if (!conflict) throw invalidFields(errors);
  const detail = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new DomainError('version-conflict', `${detail}.`, { extensions: { errors } });
}
