// Key storage: wrapped content keys by key id, for requests that name a KEK and a `kid` but no wrapped key.
import { Injectable } from '@nestjs/common';

/** Where wrapped keys are stored. */
export abstract class KeyStorage {
  /** The key stored under a key id, wrapped; undefined when there is none. */
  abstract find(kid: string): Uint8Array | undefined;
}

/** A key storage that nothing was stored in. */
@Injectable()
export class EmptyKeyStorage extends KeyStorage {
  override find(): undefined {
    return undefined;
  }
}
