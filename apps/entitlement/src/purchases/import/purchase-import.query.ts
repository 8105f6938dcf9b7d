// How an import is asked for: the query of `POST /v1/admin/purchases/batch`.
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { WholeNumber } from '../../catalog/field-rules.js';
import type { ReportKind } from './import-report.js';
import { Field } from '../../openapi/operation.js';

export class PurchaseImportQuery {
  @Field('Whether every line is reported, or only the ones that went wrong.')
  @IsOptional()
  @IsIn(['all', 'problems'])
  report: ReportKind = 'all';

  @Field('The number of the first line, for an import that is resumed.')
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value,
  )
  @WholeNumber(1, 999_999_999_999_999)
  firstLine = 1;

  @Field('Whether everything is checked and reported as if it were written, and nothing is written.')
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean({ message: 'must be true or false' })
  dryRun = false;
}
