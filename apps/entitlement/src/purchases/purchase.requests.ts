// What the store and customer support may send besides an order.
import { IsIn, IsOptional } from 'class-validator';
import { Moment, Text, WholeNumber } from '../catalog/field-rules.js';
import { REVOCATION_REASONS, type RevocationReason } from './purchase-order.js';
import { Field } from '../openapi/operation.js';

/** The part of the address that names a purchase; also one with an id that new ones may not have. */
export class PurchasePath {
  @Field("The store's own id of the purchase.", 'order-1001')
  @Text(1, 255)
  externalId!: string;
}

/** Gives a purchase back. */
export class ReinstatementRequest {
  @Field('From 1; revocations and reinstatements of a purchase share one sequence.')
  @WholeNumber(1, Number.MAX_SAFE_INTEGER)
  version!: number;
}

/** Takes a purchase back. */
export class RevocationRequest extends ReinstatementRequest {
  @Field('Why it is taken back.')
  @IsIn([...REVOCATION_REASONS], { message: `must be one of ${REVOCATION_REASONS.join(', ')}` })
  reason!: RevocationReason;

  @Field('When the store took it back, for the record; otherwise the moment the event arrives.')
  @IsOptional()
  @Moment()
  revokedAt?: string | null;
}

/** Takes a rental's first play back. */
export class FirstPlayResetRequest {
  @Field("The caller's own id of this reset.")
  @Text(1, 255)
  id!: string;

  @Field('Why, for people.')
  @Text(1, 500)
  reason!: string;
}
