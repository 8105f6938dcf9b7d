// The body of `PUT /v1/admin/contents/{contentId}`.
import { IsOptional, Matches } from 'class-validator';
import { parseMoment } from '../moment.js';
import { CONTENT_ID, CONTENT_ID_RULE } from './content-id.js';
import type { ContentValues } from './content-entry.js';
import { Hex, Moment, Rule, Text } from './field-rules.js';
import { OUTPUT_POLICY_NAME } from './output-policy-name.js';
import { Field } from '../openapi/operation.js';

/** The part of the address that names a content. */
export class ContentPath {
  @Field('The title.', 'spring')
  @Matches(CONTENT_ID, { message: CONTENT_ID_RULE })
  contentId!: string;
}

/** All of a content but its key; what is left out is as if it were null. */
export class ContentRequest {
  @Field('Its name, for people.')
  @Text(1, 300)
  title!: string;

  @Field('The key id (KID); no two titles have the same.')
  @Hex(32)
  kid!: string;

  @Field("FairPlay's content encryption IV; without it the title has no FairPlay.")
  @IsOptional()
  @Hex(32)
  iv?: string | null;

  @Field('The name of its output policy.')
  @Rule(
    'policyName',
    (value) => typeof value === 'string' && OUTPUT_POLICY_NAME.test(value),
    'must be the name of an output policy',
    { type: 'string', pattern: OUTPUT_POLICY_NAME.source },
  )
  outputPolicy!: string;

  @Field('The first moment it may be played.')
  @IsOptional()
  @Moment()
  availableFrom?: string | null;

  @Field('The first moment it may no longer be played.')
  @IsOptional()
  @Moment()
  withdrawnAt?: string | null;
}

/** What a body means: hex in lower case, moments to the millisecond. */
export function contentValues(body: ContentRequest): ContentValues {
  return {
    title: body.title,
    kid: body.kid.toLowerCase(),
    iv: body.iv?.toLowerCase() ?? null,
    outputPolicy: body.outputPolicy,
    availableFrom: momentOf(body.availableFrom),
    withdrawnAt: momentOf(body.withdrawnAt),
  };
}

function momentOf(text: string | null | undefined): Date | null {
  return (text == null ? undefined : parseMoment(text)) ?? null;
}
