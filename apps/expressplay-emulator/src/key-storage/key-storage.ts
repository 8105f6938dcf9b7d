// Key storage as tests fill it: wrapped content keys by key id, for requests that name a KEK and a `kid` but no wrapped key.
import { createHash } from 'node:crypto';
import { Clock } from '@app/platform/clock';
import { DomainError } from '@app/platform/problems';
import { Body, Controller, Delete, HttpCode, Injectable, Param, Put } from '@nestjs/common';
import { Matches } from 'class-validator';
import { EventError } from '../protocol/errors.js';
import { checkKid } from '../protocol/values.js';
import { type ContentKey, type StoredKey, unwrapped } from '../token-services/keys.js';

/** A content key as it is stored. */
export interface StoredRecord {
  /** As it was given, in either case. */
  readonly kid: string;
  readonly kekId: string;
  /** 24 bytes. */
  readonly ek: Uint8Array;
  readonly info?: string | undefined;
  /** The moment, RFC 3339, from which on the key is as if it were not there. */
  readonly expiration?: string | undefined;
  readonly contentId?: string | undefined;
  /** RFC 3339. */
  readonly lastUpdate: string;
}

@Injectable()
export class KeyStorage {
  readonly #records = new Map<string, StoredRecord>();

  constructor(private readonly clock: Clock) {}

  /**
   * Stores a wrapped key under a key id, in the place of any that was there.
   *
   * @param given without a `kekId` one is made of the wrapped key
   */
  store(given: Pick<StoredRecord, 'kid' | 'ek'> & Partial<StoredRecord>): StoredRecord {
    const record = { kekId: kekIdOf(given.ek), ...given, lastUpdate: this.clock.now().toISOString() };
    this.#records.set(sameCase(given.kid), record);
    return record;
  }

  /** The record of a key id. */
  get(kid: string): StoredRecord | undefined {
    const record = this.#records.get(sameCase(kid));
    const isThere = record?.expiration === undefined || Date.parse(record.expiration) > this.clock.now().getTime();
    return isThere ? record : undefined;
  }

  /** All records, in the order in which their key ids first came. */
  list(): StoredRecord[] {
    return [...this.#records.keys()].flatMap((kid) => this.get(kid) ?? []);
  }

  /** @returns whether it was there */
  delete(kid: string): boolean {
    return this.get(kid) !== undefined && this.#records.delete(sameCase(kid));
  }

  /** The key of a request, which has to be there and to be wrapped under the request's KEK. @throws EventError -4019 */
  find({ kid, kek }: StoredKey): ContentKey {
    const record = this.get(kid);
    if (record === undefined) throw new EventError(-4019, 'no key is stored under this kid');
    const key = unwrapped(kek, record.ek);
    if (key === undefined) throw new EventError(-4019, 'the stored key was not wrapped under this kek');
    return { kid, key };
  }

  clear(): void {
    this.#records.clear();
  }
}

/** `#1.` and 40 hex digits, the same for the same bytes: what they are made of is not published. */
export function kekIdOf(bytes: Uint8Array): string {
  return `#1.${createHash('sha1').update(bytes).digest('hex').toUpperCase()}`;
}

/** Hex digits mean the same in either case; the text after `^` does not. */
function sameCase(kid: string): string {
  return kid.startsWith('^') ? kid : kid.toLowerCase();
}

/** The body that stores a key. */
class KeyBody {
  /** A content key of 16 bytes, wrapped under any KEK with RFC 3394. */
  @Matches(/^[0-9A-Fa-f]{48}$/, { message: 'ek must be 48 hex digits: a 16-byte content key wrapped with RFC 3394' })
  readonly ek!: string;
}

@Controller('emulator/keys')
export class KeysController {
  constructor(private readonly storage: KeyStorage) {}

  // A wildcard, because the router limits the length of a plain parameter and a kid after ^ can be longer.
  @Put('*')
  @HttpCode(204)
  put(@Param('*') kid: string, @Body() { ek }: KeyBody): void {
    this.storage.store({ kid: validKid(kid), ek: new Uint8Array(Buffer.from(ek, 'hex')) });
  }

  @Delete()
  @HttpCode(204)
  clear(): void {
    this.storage.clear();
  }
}

function validKid(kid: string): string {
  try {
    return checkKid(kid);
  } catch (error) {
    if (error instanceof EventError) throw new DomainError('invalid-request', `The key id: ${error.message}.`);
    throw error;
  }
}
