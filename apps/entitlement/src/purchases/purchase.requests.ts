// What the store and customer support may send besides an order.
import { IsIn, IsOptional } from 'class-validator';
import { Rule, Text, WholeNumber } from '../catalog/field-rules.js';
import { MOMENT_RULE, parseMoment } from './moment.js';
import { REVOCATION_REASONS, type RevocationReason } from './purchase-order.js';

/** The part of the address that names a purchase. */
export class PurchasePath {
  @Text(1, 255)
  externalId!: string;
}

/** Gives a purchase back. */
export class ReinstatementRequest {
  @WholeNumber(1, Number.MAX_SAFE_INTEGER)
  version!: number;
}

/** Takes a purchase back. */
export class RevocationRequest extends ReinstatementRequest {
  @IsIn([...REVOCATION_REASONS], { message: `must be one of ${REVOCATION_REASONS.join(', ')}` })
  reason!: RevocationReason;

  @IsOptional()
  @Rule('moment', (value) => typeof value === 'string' && parseMoment(value) !== undefined, MOMENT_RULE)
  revokedAt?: string | null;
}

/** Takes a rental's first play back. */
export class FirstPlayResetRequest {
  /** The caller's own id of this reset. */
  @Text(1, 255)
  id!: string;

  @Text(1, 500)
  reason!: string;
}
