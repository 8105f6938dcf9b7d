// What may be asked of the ledger: `GET /v1/admin/issuances`.
import { Transform, Type } from 'class-transformer';
import { IsDate, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { Text } from '../catalog/field-rules.js';
import { MOMENT_RULE, parseMoment } from '../moment.js';
import { Field } from '../openapi/operation.js';

/** Reads a moment; a text that is none becomes an invalid date, which is refused by name. */
const Moment = (): PropertyDecorator =>
  Transform(
    ({ value }: { value: unknown }) => (typeof value === 'string' ? parseMoment(value) : undefined) ?? new Date(NaN),
  );

/** Rows that meet all of what is given, the newest first. */
export class IssuancesQuery {
  @Field('Rows of this user.')
  @IsOptional()
  @Text(1, 255)
  user?: string;

  @Field('Rows of this title.')
  @IsOptional()
  @Text(1, 128)
  content?: string;

  @Field('Rows that the purchase with this order id of the store decided.')
  @IsOptional()
  @Text(1, 255)
  purchase?: string;

  @Field("The row with this id, as it stands in ExpressPlay's redemption log.")
  @IsOptional()
  @Matches(/^[0-9a-f]{32}$/, { message: 'cookie must be 32 hex digits' })
  cookie?: string;

  @Field('The first moment.')
  @IsOptional()
  @Moment()
  @IsDate({ message: MOMENT_RULE })
  from?: Date;

  @Field('The moment after the last.')
  @IsOptional()
  @Moment()
  @IsDate({ message: MOMENT_RULE })
  to?: Date;

  @Field('`nextCursor` of the page before this.')
  @IsOptional()
  @IsString()
  @Length(1, 200)
  cursor?: string;

  @Field('Most rows of the page.')
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit = 50;
}
