// Fills and empties the key storage.
import { DomainError } from '@app/platform/problems';
import { Body, Controller, Delete, HttpCode, Param, Put } from '@nestjs/common';
import { Matches } from 'class-validator';
import { EventError } from '../protocol/event-error.js';
import { checkKid } from '../protocol/kid.js';
import { KeyStorage } from './key-storage.js';

/** The body that stores a key. */
export class StoredKey {
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
  put(@Param('*') kid: string, @Body() { ek }: StoredKey): void {
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
