// The body of `PUT /v1/admin/contents/{contentId}/key`: a key in exactly one of three ways.
import { Type } from 'class-transformer';
import { IsObject, IsOptional, ValidateNested } from 'class-validator';
import { invalidFields } from '@app/platform/problems';
import type { ContentKeyOrder } from './content-entry.js';
import { Hex, Rule } from './field-rules.js';
import { Field } from '../openapi/operation.js';

const KEK_ID = /^[A-Za-z0-9._-]{1,64}$/;

const KekId = (): PropertyDecorator =>
  Rule('kekId', (value) => typeof value === 'string' && KEK_ID.test(value), 'must be the id of a configured KEK', {
    type: 'string',
    pattern: KEK_ID.source,
  });

/** The key is in ExpressPlay's key storage, wrapped under this KEK. */
export class KeyStorageRequest {
  @Field('The key-encryption key (KEK) it is wrapped under there.')
  @KekId()
  kekId!: string;
}

export class ContentKeyRequest {
  @Field('The content key itself, 16 bytes.')
  @IsOptional()
  @Hex(32)
  key?: string;

  @Field('The content key wrapped (RFC 3394) under the KEK that `kekId` names, 24 bytes.')
  @IsOptional()
  @Hex(48)
  ek?: string;

  @Field('The KEK that `ek` is wrapped under.')
  @IsOptional()
  @KekId()
  kekId?: string;

  @Field("The key is in ExpressPlay's key storage.")
  @IsOptional()
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => KeyStorageRequest)
  keyStorage?: KeyStorageRequest;
}

const ONE_WAY = 'give exactly one of key, ek with kekId, and keyStorage';

/** @throws DomainError `invalid-request` that names what is too much or missing */
export function contentKeyOrder(body: ContentKeyRequest): ContentKeyOrder {
  const { key, ek, kekId, keyStorage } = body;
  const given = Object.entries({ key, ek, kekId, keyStorage }).flatMap(([name, value]) =>
    value == null ? [] : [name],
  );
  if (given.length === 1) {
    if (key != null) return { kind: 'clear', contentKey: bytesOf(key) };
    if (keyStorage != null) return { kind: 'key-storage', kekId: keyStorage.kekId };
    const missing = ek == null ? 'ek' : 'kekId';
    throw invalidFields([{ field: missing, message: 'must be given: ek and kekId go together' }]);
  }
  if (given.length === 2 && ek != null && kekId != null) return { kind: 'wrapped', kekId, ek: bytesOf(ek) };
  const fields = given.length === 0 ? ['key', 'ek', 'kekId', 'keyStorage'] : given;
  throw invalidFields(fields.map((field) => ({ field, message: ONE_WAY })));
}

/** Bytes in memory of their own: `Buffer.from` would leave a key in memory that Node's small buffers share. */
function bytesOf(hex: string): Uint8Array {
  const bytes = Buffer.alloc(hex.length / 2);
  bytes.write(hex, 'hex');
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
