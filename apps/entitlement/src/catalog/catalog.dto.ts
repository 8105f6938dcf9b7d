// Contents and their keys as stores send them and are answered.
import { Type } from 'class-transformer';
import { IsObject, IsOptional, ValidateNested } from 'class-validator';
import { invalidFields } from '@app/platform/problems';
import { Hex, Integer, Moment, Pattern, Text } from '../field-rules.js';
import { parseMoment } from '../moment.js';
import { Schema } from '../openapi/documentation.js';
import {
  CONTENT_ID,
  CONTENT_ID_RULE,
  type ContentEntry,
  type ContentKeyOrder,
  type ContentValues,
  OUTPUT_POLICY_NAME,
  type StoredContentKey,
} from './content.js';
import type { FirstKey } from './contents.repository.js';

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

  /** The key id (KID); no two titles have the same. */
  @Hex(32)
  kid!: string;

  /** FairPlay's content encryption IV; without it the title has no FairPlay. */
  @IsOptional()
  @Hex(32)
  iv?: string | null;

  /** The name of its output policy. */
  @Pattern(OUTPUT_POLICY_NAME, 'must be the name of an output policy')
  outputPolicy!: string;

  /** The first moment it may be played. */
  @IsOptional()
  @Moment()
  availableFrom?: string | null;

  /** The first moment it may no longer be played. */
  @IsOptional()
  @Moment()
  withdrawnAt?: string | null;
}

const KekId = (): PropertyDecorator => Pattern(/^[A-Za-z0-9._-]{1,64}$/, 'must be the id of a configured KEK');

/** The key is in ExpressPlay's key storage, wrapped under this KEK. */
export class KeyStorageRequest {
  /** The key-encryption key (KEK) it is wrapped under there. */
  @KekId()
  kekId!: string;
}

/** A key in exactly one of three ways. */
export class ContentKeyRequest {
  /** The content key itself, 16 bytes. */
  @IsOptional()
  @Hex(32)
  key?: string | null;

  /** The content key wrapped (RFC 3394) under the KEK that `kekId` names, 24 bytes. */
  @IsOptional()
  @Hex(48)
  ek?: string | null;

  /** The KEK that `ek` is wrapped under. */
  @IsOptional()
  @KekId()
  kekId?: string | null;

  /** The key is in ExpressPlay's key storage. */
  @IsOptional()
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => KeyStorageRequest)
  keyStorage?: KeyStorageRequest | null;
}

@Schema({
  name: 'ContentKey',
  description: 'Where the key of a title comes from; both are null while it has none. Never the key.',
})
export class ContentKeyAnswer {
  /** Wrapped, in the service's database, or left with ExpressPlay's key storage. */
  source!: 'wrapped' | 'key-storage' | null;

  /** The key-encryption key (KEK) it is wrapped under. */
  kekId!: string | null;
}

@Schema({ name: 'Content', description: 'A title.' })
export class ContentAnswer {
  /** The title. */
  @Schema({ pattern: CONTENT_ID.source })
  id!: string;

  /** Its name, for people. */
  title!: string;

  /** The key id (KID). */
  @Schema({ pattern: '^[0-9a-f]{32}$' })
  kid!: string;

  /** FairPlay's content encryption IV; without it the title has no FairPlay. */
  @Schema({ pattern: '^[0-9a-f]{32}$' })
  iv!: string | null;

  /** The name of its output policy. */
  @Schema({ pattern: OUTPUT_POLICY_NAME.source })
  outputPolicy!: string;

  /** The first moment it may be played. */
  availableFrom!: Date | null;

  /** The first moment it may no longer be played. */
  withdrawnAt!: Date | null;

  key!: ContentKeyAnswer;

  /** Counts the changes of the title and of its key. */
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
export function contentValues(body: ContentRequest): ContentValues {
  return {
    title: body.title,
    outputPolicy: body.outputPolicy,
    protectionScheme: 'cenc',
    availableFrom: momentOf(body.availableFrom),
    withdrawnAt: momentOf(body.withdrawnAt),
  };
}

/** What a body says of the title's first key. */
export function firstKey({ kid, iv }: ContentRequest): FirstKey {
  return { kid: kid.toLowerCase(), iv: iv?.toLowerCase() ?? null };
}

export function contentAnswer({ id, values, keys: [first], version }: ContentEntry): ContentAnswer {
  const { title, outputPolicy, availableFrom, withdrawnAt } = values;
  const key = contentKeyAnswer(first?.key ?? null);
  const { kid = '', iv = null } = first ?? {};
  return { id, title, kid, iv, outputPolicy, availableFrom, withdrawnAt, key, version };
}

export function contentKeyAnswer(key: StoredContentKey | null): ContentKeyAnswer {
  return { source: key?.source ?? null, kekId: key?.kekId ?? null };
}

const ONE_WAY = 'give exactly one of key, ek with kekId, and keyStorage';

/** @throws DomainError `invalid-request` that names what is too much or missing */
export function contentKeyOrder({ key, ek, kekId, keyStorage }: ContentKeyRequest): ContentKeyOrder {
  const fields = Object.entries({ key, ek, kekId, keyStorage });
  const given = fields.filter(([, value]) => value != null);
  if (given.length === 1) {
    if (key != null) return { kind: 'clear', contentKey: bytesOf(key) };
    if (keyStorage != null) return { kind: 'key-storage', kekId: keyStorage.kekId };
    const missing = ek == null ? 'ek' : 'kekId';
    throw invalidFields([{ field: missing, message: 'must be given: ek and kekId go together' }]);
  }
  if (given.length === 2 && ek != null && kekId != null) return { kind: 'wrapped', kekId, ek: bytesOf(ek) };
  const wrong = given.length === 0 ? fields : given;
  throw invalidFields(wrong.map(([field]) => ({ field, message: ONE_WAY })));
}

/** Bytes in memory of their own: `Buffer.from` would leave a key in memory that Node's small buffers share. */
function bytesOf(hex: string): Uint8Array {
  const bytes = Buffer.alloc(hex.length / 2);
  bytes.write(hex, 'hex');
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function momentOf(text: string | null | undefined): Date | null {
  return (text == null ? undefined : parseMoment(text)) ?? null;
}
