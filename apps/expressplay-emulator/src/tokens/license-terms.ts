// What a token entitles its bearer to: the licence that the licence servers grant for it.

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
  /** Seconds of rental after the licence's issue. */
  readonly rentalDurationSeconds: number | null;
  /** Widevine's security level, by its published name. */
  readonly securityLevel: string | null;
  readonly outputProtection: OutputProtection;
  readonly extensions: readonly Extension[];
}
