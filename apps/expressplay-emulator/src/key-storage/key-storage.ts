// Key storage: wrapped content keys by key id, for requests that name a KEK and a `kid` but no wrapped key.
import { Injectable } from '@nestjs/common';

@Injectable()
export class KeyStorage {
  readonly #wrappedKeys = new Map<string, Uint8Array>();

  /** Stores a wrapped key under a key id, in the place of any that was there. */
  store(kid: string, wrappedKey: Uint8Array): void {
    this.#wrappedKeys.set(sameCase(kid), wrappedKey);
  }

  /** The key stored under a key id, wrapped; undefined when there is none. */
  find(kid: string): Uint8Array | undefined {
    return this.#wrappedKeys.get(sameCase(kid));
  }

  clear(): void {
    this.#wrappedKeys.clear();
  }
}

/** Hex digits mean the same in either case; the text after `^` does not. */
function sameCase(kid: string): string {
  return kid.startsWith('^') ? kid : kid.toLowerCase();
}
