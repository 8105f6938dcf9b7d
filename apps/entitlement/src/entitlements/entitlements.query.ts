// What a player may ask of `GET /v1/entitlements`, and of one title below it.
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { CONTENT_ID, CONTENT_ID_RULE } from '../catalog/content-id.js';
import { Field } from '../openapi/operation.js';

/** A page of the list. */
export class EntitlementsQuery {
  @Field('`nextCursor` of the page before this.')
  @IsOptional()
  @IsString()
  @Length(1, 200)
  cursor?: string;

  @Field('Most titles of the page.')
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit = 50;
}

/** The title in the path. */
export class EntitlementPath {
  @Field('The title.', 'sintel')
  @IsString()
  @Matches(CONTENT_ID, { message: CONTENT_ID_RULE })
  contentId!: string;
}
