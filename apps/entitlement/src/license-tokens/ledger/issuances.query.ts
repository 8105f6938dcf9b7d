// What may be asked of the ledger: `GET /v1/admin/issuances`.
import { Transform, Type } from 'class-transformer';
import { IsDate, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { MOMENT_RULE, parseMoment } from '../../purchases/moment.js';

/** Reads a moment; a text that is none becomes an invalid date, which is refused by name. */
const Moment = (): PropertyDecorator =>
  Transform(
    ({ value }: { value: unknown }) => (typeof value === 'string' ? parseMoment(value) : undefined) ?? new Date(NaN),
  );

/** Rows that meet all of what is given, the newest first. */
export class IssuancesQuery {
  @IsOptional()
  @IsString()
  @Length(1, 255)
  user?: string;

  @IsOptional()
  @IsString()
  @Length(1, 128)
  content?: string;

  /** The store's order id. */
  @IsOptional()
  @IsString()
  @Length(1, 255)
  purchase?: string;

  /** The issuance id, which ExpressPlay's redemption log carries as the cookie. */
  @IsOptional()
  @Matches(/^[0-9a-f]{32}$/, { message: 'cookie must be 32 hex digits' })
  cookie?: string;

  /** First moment, RFC 3339. */
  @IsOptional()
  @Moment()
  @IsDate({ message: MOMENT_RULE })
  from?: Date;

  /** Moment after the last, RFC 3339. */
  @IsOptional()
  @Moment()
  @IsDate({ message: MOMENT_RULE })
  to?: Date;

  /** Where the page before ended. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  cursor?: string;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit = 50;
}
