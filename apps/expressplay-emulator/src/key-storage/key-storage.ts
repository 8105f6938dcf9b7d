// Key storage: wrapped content keys by key id, for requests that name a KEK and a `kid` but no wrapped key.
import { DomainError } from '@app/platform/problems';
import { Body, Controller, Delete, HttpCode, Injectable, Param, Put } from '@nestjs/common';
import { Matches } from 'class-validator';
import { EventError } from '../protocol/errors.js';
import { checkKid } from '../protocol/values.js';
import { type ContentKey, type StoredKey, unwrapped } from '../token-services/keys.js';

@Injectable()
export class KeyStorage {
  readonly #wrappedKeys = new Map<string, Uint8Array>();

  /** Stores a wrapped key under a key id, in the place of any that was there. */
  store(kid: string, wrappedKey: Uint8Array): void {
    this.#wrappedKeys.set(sameCase(kid), wrappedKey);
  }

  /** The key of a request, which has to be there and to be wrapped under the request's KEK. @throws EventError -4019 */
  find({ kid, kek }: StoredKey): ContentKey {
    const wrapped = this.#wrappedKeys.get(sameCase(kid));
    if (wrapped === undefined) throw new EventError(-4019, 'no key is stored under this kid');
    const key = unwrapped(kek, wrapped);
    if (key === undefined) throw new EventError(-4019, 'the stored key was not wrapped under this kek');
    return { kid, key };
  }

  clear(): void {
    this.#wrappedKeys.clear();
  }
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
    this.storage.store(validKid(kid), new Uint8Array(Buffer.from(ek, 'hex')));
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
