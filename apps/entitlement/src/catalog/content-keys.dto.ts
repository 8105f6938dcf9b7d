// The keys of contents as stores send them and are answered: in, never out.
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { invalidFields } from '@app/platform/problems';
import { Hex, Pattern } from '../field-rules.js';
import { Schema } from '../openapi/documentation.js';
import {
  clearOrders,
  type ContentEntry,
  type ContentKeyOrder,
  OUTPUT_POLICY_NAME,
  PROTECTION_SCHEMES,
  type ProtectionScheme,
  type StoredContentKey,
  type Track,
  type TrackKeyOrder,
  type TrackKeyValues,
  TRACKS,
} from './content.js';

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

/** One of a title's keys: its KID, what it is for, and, unless the title has the key under this KID, the key in exactly one of three ways. */
export class TrackKeyRequest extends ContentKeyRequest {
  /** The key id (KID); no two keys have the same. */
  @Hex(32)
  kid!: string;

  /** The tracks it is for; without any it is for all. */
  @IsOptional()
  @IsArray({ message: 'must be a list' })
  @ArrayMaxSize(TRACKS.length, { message: `must have at most ${TRACKS.length} entries` })
  @IsIn([...TRACKS], { each: true, message: `must be of ${TRACKS.join(', ')}` })
  tracks?: Track[] | null;

  /** FairPlay's content encryption IV; without it the key is not for FairPlay. */
  @IsOptional()
  @Hex(32)
  iv?: string | null;

  /** The name of an output policy of its own; without it the title's counts. */
  @IsOptional()
  @Pattern(OUTPUT_POLICY_NAME, 'must be the name of an output policy')
  outputPolicy?: string | null;
}

/** All keys of a title: those that are left out are gone. */
export class ContentKeysRequest {
  /** The keys; the first is that of players and packagers that know one key. */
  @IsArray({ message: 'must be a list' })
  @ArrayMinSize(1, { message: 'must have at least one entry' })
  @ArrayMaxSize(32, { message: 'must have at most 32 entries' })
  @IsObject({ each: true, message: 'must be a list of objects' })
  @ValidateNested({ each: true })
  @Type(() => TrackKeyRequest)
  keys!: TrackKeyRequest[];

  /** How the media is encrypted; without it that stays as it is. */
  @IsOptional()
  @IsIn([...PROTECTION_SCHEMES], { message: `must be one of ${PROTECTION_SCHEMES.join(', ')}` })
  protectionScheme?: ProtectionScheme | null;
}

@Schema({
  name: 'ContentKey',
  description: 'Where a key comes from; both are null while it is not there. Never the key.',
})
export class ContentKeyAnswer {
  /** Wrapped, in the service's database, or left with ExpressPlay's key storage. */
  source!: 'wrapped' | 'key-storage' | null;

  /** The key-encryption key (KEK) it is wrapped under. */
  kekId!: string | null;
}

@Schema({ name: 'TrackKey', description: "One of a title's keys. Never the key." })
export class TrackKeyAnswer {
  /** The key id (KID). */
  @Schema({ pattern: '^[0-9a-f]{32}$' })
  kid!: string;

  /** What it is for; none means all. */
  tracks!: Track[];

  /** FairPlay's content encryption IV; without it the key is not for FairPlay. */
  @Schema({ pattern: '^[0-9a-f]{32}$' })
  iv!: string | null;

  /** The name of its own output policy; null where the title's counts. */
  @Schema({ pattern: OUTPUT_POLICY_NAME.source })
  outputPolicy!: string | null;

  key!: ContentKeyAnswer;
}

@Schema({ name: 'ContentKeys', description: 'All keys of a title.' })
export class ContentKeysAnswer {
  /** How the media is encrypted. */
  protectionScheme!: ProtectionScheme;

  /** The keys. */
  keys!: TrackKeyAnswer[];
}

export function contentKeyAnswer(key: StoredContentKey | null): ContentKeyAnswer {
  return { source: key?.source ?? null, kekId: key?.kekId ?? null };
}

export function contentKeysAnswer({ values: { protectionScheme }, keys }: ContentEntry): ContentKeysAnswer {
  return { protectionScheme, keys: keys.map(trackKeyAnswer) };
}

export function trackKeyAnswer({ kid, tracks, iv, outputPolicy, key }: TrackKeyValues): TrackKeyAnswer {
  return { kid, tracks, iv, outputPolicy, key: contentKeyAnswer(key) };
}

const ONE_WAY = 'give exactly one of key, ek with kekId, and keyStorage';

/** What is given of the three ways, by name. */
function givenWays({ key, ek, kekId, keyStorage }: ContentKeyRequest): [string, unknown][] {
  return Object.entries({ key, ek, kekId, keyStorage }).filter(([, value]) => value != null);
}

/**
 * @param path of the fields, such as `keys.0.`
 * @throws DomainError `invalid-request` that names what is too much or missing
 */
export function contentKeyOrder(body: ContentKeyRequest, path = ''): ContentKeyOrder {
  const { key, ek, kekId, keyStorage } = body;
  const given = givenWays(body);
  if (given.length === 1) {
    if (key != null) return { kind: 'clear', contentKey: bytesOf(key) };
    if (keyStorage != null) return { kind: 'key-storage', kekId: keyStorage.kekId };
    const missing = ek == null ? 'ek' : 'kekId';
    throw invalidFields([{ field: `${path}${missing}`, message: 'must be given: ek and kekId go together' }]);
  }
  if (given.length === 2 && ek != null && kekId != null) return { kind: 'wrapped', kekId, ek: bytesOf(ek) };
  const wrong = given.length === 0 ? ['key', 'ek', 'kekId', 'keyStorage'] : given.map(([name]) => name);
  throw invalidFields(wrong.map((name) => ({ field: `${path}${name}`, message: ONE_WAY })));
}

/**
 * What a body means: hex in lower case, tracks in their order.
 * @throws DomainError `invalid-request` that names what is too much, missing or given twice
 */
export function trackKeyOrders({ keys }: ContentKeysRequest): TrackKeyOrder[] {
  const kids = keys.map(({ kid }) => kid.toLowerCase());
  const twice = kids.flatMap((kid, index) => (kids.indexOf(kid) === index ? [] : [`keys.${index}.kid`]));
  if (twice.length > 0)
    throw invalidFields(twice.map((field) => ({ field, message: 'is the KID of a key before it' })));
  const orders: TrackKeyOrder[] = [];
  try {
    for (const [index, body] of keys.entries()) {
      const order = givenWays(body).length === 0 ? null : contentKeyOrder(body, `keys.${index}.`);
      const tracks = tracksOf(body.tracks ?? []);
      const { outputPolicy = null } = body;
      orders.push({ kid: body.kid.toLowerCase(), tracks, iv: body.iv?.toLowerCase() ?? null, outputPolicy, order });
    }
  } catch (error) {
    clearOrders(orders);
    throw error;
  }
  return orders;
}

/** In their order, each once; all of them are none, which means the same. */
function tracksOf(named: readonly Track[]): Track[] {
  const tracks = TRACKS.filter((track) => named.includes(track));
  return tracks.length === TRACKS.length ? [] : tracks;
}

/** Bytes in memory of their own: `Buffer.from` would leave a key in memory that Node's small buffers share. */
function bytesOf(hex: string): Uint8Array {
  const bytes = Buffer.alloc(hex.length / 2);
  bytes.write(hex, 'hex');
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
