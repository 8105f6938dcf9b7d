// Contents as stores send them and are answered.
import { Type } from 'class-transformer';
import { IsIn, IsOptional } from 'class-validator';
import { invalidFields } from '@app/platform/problems';
import { Hex, Integer, Moment, Pattern, Text } from '../field-rules.js';
import { parseMoment } from '../moment.js';
import { Schema } from '../openapi/documentation.js';
import {
  CONTENT_ID,
  CONTENT_ID_RULE,
  type ContentEntry,
  type ContentOrder,
  type FirstKey,
  OUTPUT_POLICY_NAME,
  PROTECTION_SCHEMES,
  type ProtectionScheme,
} from './content.js';
import { ContentKeyAnswer, contentKeyAnswer, TrackKeyAnswer, trackKeyAnswer } from './content-keys.dto.js';

/** A page of one of the catalogue's lists. */
export class CatalogPageQuery {
  /** `nextCursor` of the page before this. */
  @IsOptional()
  @Text(1, 200)
  cursor?: string;

  /** Most entries of the page. */
  @IsOptional()
  @Type(() => Number)
  @Integer(1, 200)
  limit: number = 50;
}

/** The part of the address that names a content. */
export class ContentPath {
  /**
   * The title.
   * @example spring
   */
  @Pattern(CONTENT_ID, CONTENT_ID_RULE)
  contentId!: string;
}

/** All of a content but its key; what is left out is as if it were null. */
export class ContentRequest {
  /** Its name, for people. */
  @Text(1, 300)
  title!: string;

  /** The key id (KID) of its first key; no two keys have the same. Without it a new title has no keys yet, and others keep theirs. */
  @IsOptional()
  @Hex(32)
  kid?: string | null;

  /** FairPlay's content encryption IV of that key; without it the key is not for FairPlay. */
  @IsOptional()
  @Hex(32)
  iv?: string | null;

  /** The name of its output policy. */
  @Pattern(OUTPUT_POLICY_NAME, 'must be the name of an output policy')
  outputPolicy!: string;

  /** How the media is encrypted; without it that stays as it is, `cenc` for a new title. */
  @IsOptional()
  @IsIn([...PROTECTION_SCHEMES], { message: `must be one of ${PROTECTION_SCHEMES.join(', ')}` })
  protectionScheme?: ProtectionScheme | null;

  /** The first moment it may be played. */
  @IsOptional()
  @Moment()
  availableFrom?: string | null;

  /** The first moment it may no longer be played. */
  @IsOptional()
  @Moment()
  withdrawnAt?: string | null;
}

@Schema({ name: 'Content', description: 'A title.' })
export class ContentAnswer {
  /** The title. */
  @Schema({ pattern: CONTENT_ID.source })
  id!: string;

  /** Its name, for people. */
  title!: string;

  /** The key id (KID) of its first key; null while it has no keys. */
  @Schema({ pattern: '^[0-9a-f]{32}$' })
  kid!: string | null;

  /** FairPlay's content encryption IV of that key; without it the key is not for FairPlay. */
  @Schema({ pattern: '^[0-9a-f]{32}$' })
  iv!: string | null;

  /** The name of its output policy. */
  @Schema({ pattern: OUTPUT_POLICY_NAME.source })
  outputPolicy!: string;

  /** The first moment it may be played. */
  availableFrom!: Date | null;

  /** The first moment it may no longer be played. */
  withdrawnAt!: Date | null;

  /** How the media is encrypted. */
  protectionScheme!: ProtectionScheme;

  key!: ContentKeyAnswer;

  /** Its keys. */
  keys!: TrackKeyAnswer[];

  /** Counts the changes of the title and of its keys. */
  @Schema({ minimum: 1 })
  version!: number;
}

@Schema({ description: 'A page of titles, by id.' })
export class ContentsPage {
  /** The titles. */
  contents!: ContentAnswer[];

  /** Asks for the page after this one, as `cursor`; null on the last page. */
  nextCursor!: string | null;
}

/** What a body means: hex in lower case, moments to the millisecond. */
export function contentOrder(body: ContentRequest): ContentOrder {
  return {
    title: body.title,
    outputPolicy: body.outputPolicy,
    protectionScheme: body.protectionScheme ?? undefined,
    availableFrom: momentOf(body.availableFrom),
    withdrawnAt: momentOf(body.withdrawnAt),
  };
}

/**
 * What a body says of the title's first key, if anything.
 * @throws DomainError `invalid-request` when it is an IV alone
 */
export function firstKey({ kid, iv }: ContentRequest): FirstKey | undefined {
  if (kid != null) return { kid: kid.toLowerCase(), iv: iv?.toLowerCase() ?? null };
  if (iv != null) throw invalidFields([{ field: 'kid', message: 'must be given: iv is of the key that it names' }]);
  return undefined;
}

export function contentAnswer({ id, values, keys, version }: ContentEntry): ContentAnswer {
  const { title, outputPolicy, protectionScheme, availableFrom, withdrawnAt } = values;
  const { kid = null, iv = null, key = null } = keys[0] ?? {};
  const first = { kid, iv, key: contentKeyAnswer(key) };
  const answer = { id, title, ...first, keys: keys.map(trackKeyAnswer), outputPolicy, protectionScheme };
  return { ...answer, availableFrom, withdrawnAt, version };
}

function momentOf(text: string | null | undefined): Date | null {
  return (text == null ? undefined : parseMoment(text)) ?? null;
}
