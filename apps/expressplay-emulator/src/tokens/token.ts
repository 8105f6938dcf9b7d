// Tokens: what they entitle to and carry, sealed so that they are opaque and cannot be forged.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { TokenService } from '@app/expressplay';
import { Injectable } from '@nestjs/common';
import type { ShownParameters } from '../protocol/parameters.js';
import type { ContentKey } from '../token-services/keys.js';

/** A purchase for good, or for a time. */
export type RightsType = 'BuyToOwn' | 'Rental';

/** The five output protection levels by what they protect; null where one was not given. */
export interface OutputProtectionLevels {
  readonly analogVideo: number | null;
  readonly compressedDigitalAudio: number | null;
  readonly compressedDigitalVideo: number | null;
  readonly uncompressedDigitalAudio: number | null;
  readonly uncompressedDigitalVideo: number | null;
}

/** Output protection of a licence, null where the request did not ask for any. */
interface OutputProtection extends OutputProtectionLevels {
  readonly unknownOutputBehavior: string | null;
  readonly outputControlFlags: string | null;
  /** Widevine's HDCP requirement, by its published name. */
  readonly hdcp: string | null;
}

/** One extension of a licence: a word of 4 characters and a base64 payload. */
export interface Extension {
  readonly type: string;
  readonly payload: string;
}

/** The terms of one key of a licence; null where a term does not apply. */
export interface KeyTerms {
  readonly kid: string | null;
  /** Widevine's track type, by its published name. */
  readonly track: string | null;
  /** Widevine's by its published name, PlayReady's `minCertSecurityLevel`. */
  readonly securityLevel: string | null;
  readonly outputProtection: OutputProtection;
}

/** The terms of one licence, in one shape for all services; null where a term does not apply. */
export interface LicenseTerms {
  readonly kid: string | null;
  /** Widevine's content id. */
  readonly contentId: string | null;
  readonly rightsType: RightsType;
  readonly persistent: boolean;
  /** The end of the rental in RFC 3339, after which the content does not play. */
  readonly rentalEndsAt: string | null;
  /** Seconds of play after play has started. */
  readonly playDurationSeconds: number | null;
  /** Seconds from the licence's issue in which play has to start: Widevine's `licenseDuration` beside a `playbackDuration`. */
  readonly startWithinSeconds: number | null;
  /** Seconds of rental after the licence's issue. */
  readonly rentalDurationSeconds: number | null;
  /** Widevine's security level, by its published name; of several keys the first one's, as is `kid` and the output protection. */
  readonly securityLevel: string | null;
  /** PlayReady's `algId`: `aesctr` (CENC) or `aescbc` (CBCS). */
  readonly algorithm: string | null;
  readonly outputProtection: OutputProtection;
  /** All keys of the licence. */
  readonly keys: readonly KeyTerms[];
  readonly extensions: readonly Extension[];
}

/** What a token carries beside its keys. Moments are RFC 3339 texts. Neither key nor authenticator is in here. */
export interface SealedToken {
  readonly service: TokenService;
  /** The name of the account that asked for it. */
  readonly account: string;
  readonly issuedAt: string;
  /** The token can be redeemed before this moment, not at it. */
  readonly expiresAt: string;
  readonly cookie: string | null;
  readonly terms: LicenseTerms;
  /** The parameters exactly as asked, the secret ones redacted. */
  readonly parameters: ShownParameters;
}

interface Plaintext {
  readonly contents: SealedToken;
  readonly keys: readonly (readonly [kid: string | null, hex: string])[];
}

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM under a key made at start: tokens live as long as the process. */
@Injectable()
export class TokenSealer {
  readonly #key = randomBytes(32);

  /** Seals contents and keys into a token: URL-safe base64 without padding of nonce, ciphertext and tag. */
  seal(contents: SealedToken, keys: readonly ContentKey[] = []): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce);
    const text = JSON.stringify({
      contents,
      keys: keys.map(({ kid, key }) => [kid, Buffer.from(key).toString('hex')]),
    } satisfies Plaintext);
    const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]).toString('base64url');
  }

  /** Opens a token, an expired one too; undefined for one that is forged, cut, changed, or issued before the last start. */
  open(token: string): SealedToken | undefined {
    return this.#decipher(token)?.contents;
  }

  /** The keys of a token that can be opened, for licences alone. */
  keysOf(token: string): ContentKey[] {
    const keys = this.#decipher(token)?.keys ?? [];
    return keys.map(([kid, key]) => ({ kid, key: new Uint8Array(Buffer.from(key, 'hex')) }));
  }

  #decipher(token: string): Plaintext | undefined {
    const sealed = Buffer.from(token, 'base64url');
    // Decoding skips what is not base64, so that many texts would be the same token.
    if (sealed.toString('base64url') !== token || sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv(ALGORITHM, this.#key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      const text = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      // The tag proves that this process wrote it, so its shape is known.
      return JSON.parse(text.toString('utf8')) as Plaintext;
    } catch {
      return undefined;
    }
  }
}
