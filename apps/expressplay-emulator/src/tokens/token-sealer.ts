// Seals tokens so that they are opaque and cannot be forged, and opens them again.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { SealedToken } from './sealed-token.js';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A text that is no token of this process: forged, cut, changed, or issued before its last start. */
export class ForgedTokenError extends Error {
  override readonly name = 'ForgedTokenError';

  constructor() {
    super('not a token of this emulator');
  }
}

/** AES-256-GCM under a key made at start: tokens live as long as the process. */
@Injectable()
export class TokenSealer {
  readonly #key = randomBytes(KEY_BYTES);

  /** Seals contents into a token: URL-safe base64 without padding of nonce, ciphertext and tag. */
  seal(contents: SealedToken): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce);
    const ciphertext = Buffer.concat([cipher.update(JSON.stringify(contents), 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]).toString('base64url');
  }

  /** Opens a token, expired ones too. @throws ForgedTokenError */
  open(token: string): SealedToken {
    const sealed = Buffer.from(token, 'base64url');
    // Decoding skips what is not base64, so that many texts would be the same token.
    if (sealed.toString('base64url') !== token || sealed.length < NONCE_BYTES + TAG_BYTES) throw new ForgedTokenError();
    const decipher = createDecipheriv(ALGORITHM, this.#key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      const text = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      // The tag proves that this process wrote it, so its shape is known.
      return JSON.parse(text.toString('utf8')) as SealedToken;
    } catch {
      throw new ForgedTokenError();
    }
  }
}
