// The parameters of a request: the names that each service reads, and what came in query and form body.
import type { TokenService } from '@app/expressplay';

const COMMON = [
  'customerAuthenticator',
  'errorFormat',
  'generalFlags',
  'kid',
  'contentKey',
  'kek',
  'ek',
  'outputControlFlags',
  'rightsType',
  'rental.periodEndTime',
  'rental.playDuration',
  'expirationTime',
  'cookie',
  'deviceId',
] as const;

const OUTPUT_PROTECTION_LEVELS = [
  'analogVideoOPL',
  'compressedDigitalAudioOPL',
  'compressedDigitalVideoOPL',
  'uncompressedDigitalAudioOPL',
  'uncompressedDigitalVideoOPL',
] as const;

/**
 * What each service reads: its table, what its codes say it reads too, and for FairPlay the levels of its published sample. Anything
 * else is ignored. Written after the published tables and not after the client, whose mistakes would not be found otherwise.
 */
export const PARAMETER_NAMES = {
  playready: [...COMMON, ...OUTPUT_PROTECTION_LEVELS, 'unknownOutputBehavior', 'extensionType', 'extensionPayload'],
  fairplay: [...COMMON, ...OUTPUT_PROTECTION_LEVELS, 'iv', 'rentalDuration', 'fpExtension'],
  widevine: [
    ...COMMON,
    'securityLevel',
    'hdcpOutputControl',
    'licenseDuration',
    'rentalDuration',
    'contentId',
    'wvExtension',
  ],
} as const satisfies Record<TokenService, readonly string[]>;

/** The query parameter that a token is redeemed with. */
export const TOKEN_PARAMETER = 'ExpressPlayToken';

/** A parameter that some service reads. */
export type ParameterName = (typeof PARAMETER_NAMES)[TokenService][number] | typeof TOKEN_PARAMETER;

/** The names whose values are secret, in any spelling and with the number that titles with several keys append. */
const SECRET_NAME = /^(?:customerAuthenticator|contentKey|kek|ek)(?:\.\d+)?$/i;

/** Parameters by name as they are shown: a list where a name came more than once. */
export type ShownParameters = Record<string, string | string[]>;

/** Names and values as they were asked, in order. Names are case-sensitive. */
export class TokenParameters {
  readonly #valuesByName = new Map<string, string[]>();

  /**
   * @param entries name and value, the query's before the body's
   * @param unread why query or body was not read, when one was not
   */
  constructor(
    entries: Iterable<readonly [string, string]>,
    readonly unread?: string,
  ) {
    for (const [name, value] of entries) {
      const values = this.#valuesByName.get(name);
      if (values === undefined) this.#valuesByName.set(name, [value]);
      else values.push(value);
    }
  }

  /** The value of a parameter; of a repeated one the first. */
  get(name: ParameterName): string | undefined {
    return this.#valuesByName.get(name)?.[0];
  }

  /** Every value of a parameter, in order. */
  getAll(name: ParameterName): readonly string[] {
    return this.#valuesByName.get(name) ?? [];
  }

  /** Whether the parameter was given, be it empty. */
  has(name: ParameterName): boolean {
    return this.#valuesByName.has(name);
  }

  /** The names that were given, in order, without those of a list. */
  namesExcept(known: readonly string[]): readonly string[] {
    return [...this.#valuesByName.keys()].filter((name) => !known.includes(name));
  }

  /** All parameters with the secret ones redacted: what may be kept, shown and logged. */
  redacted(): ShownParameters {
    return Object.fromEntries(
      [...this.#valuesByName].map(([name, values]) => {
        const shown = SECRET_NAME.test(name) ? values.map(() => '[redacted]') : values;
        return [name, shown.length === 1 ? shown[0]! : [...shown]];
      }),
    );
  }
}

/**
 * Decodes a query string and a form body (`+` is a space, `%2B` a plus; bytes that are not UTF-8 become U+FFFD,
 * which the check of the parameter then refuses).
 *
 * @param query the URL's query, without `?`
 * @param unread why query or body was not read, when one was not
 */
export function decodeParameters(query: string, body: string, unread?: string): TokenParameters {
  return new TokenParameters([...new URLSearchParams(query), ...new URLSearchParams(body)], unread);
}
