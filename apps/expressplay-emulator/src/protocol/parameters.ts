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
 * What each service reads: its table, what its codes say it reads too, for FairPlay the levels of its published sample, and what
 * public clients send beyond the tables (`minCertSecurityLevel`, `algId`, `trackType`, `playbackDuration`). Anything else is ignored. Written after the published tables and not after the client, whose mistakes would not be found otherwise.
 */
export const PARAMETER_NAMES = {
  playready: [
    ...COMMON,
    ...OUTPUT_PROTECTION_LEVELS,
    'unknownOutputBehavior',
    'extensionType',
    'extensionPayload',
    'minCertSecurityLevel',
    'algId',
  ],
  fairplay: [...COMMON, ...OUTPUT_PROTECTION_LEVELS, 'iv', 'rentalDuration', 'fpExtension'],
  widevine: [
    ...COMMON,
    'securityLevel',
    'hdcpOutputControl',
    'licenseDuration',
    'playbackDuration',
    'rentalDuration',
    'contentId',
    'wvExtension',
    'trackType',
  ],
} as const satisfies Record<TokenService, readonly string[]>;

/**
 * The names that carry the number of a key, from 0 without a gap, where a title has several keys (`kid.0`): seen in a public client
 * for PlayReady and Widevine, in no table.
 */
const NUMBERED_NAMES: Readonly<Record<TokenService, readonly string[]>> = {
  playready: ['kid', 'contentKey', 'ek', 'minCertSecurityLevel', ...OUTPUT_PROTECTION_LEVELS],
  fairplay: [],
  widevine: ['kid', 'contentKey', 'ek', 'securityLevel', 'hdcpOutputControl', 'trackType'],
};

/** What a title's keys share unless they have their own: PlayReady's levels. */
const SHARED_NAMES: ReadonlySet<string> = new Set(OUTPUT_PROTECTION_LEVELS);

/** The query parameter that a token is redeemed with. */
export const TOKEN_PARAMETER = 'ExpressPlayToken';

/** A parameter that some service reads, be it record retrieval (`start`, `length`). */
export type ParameterName =
  (typeof PARAMETER_NAMES)[TokenService][number] | typeof TOKEN_PARAMETER | 'start' | 'length';

/** The names whose values are secret, in any spelling and with the number that titles with several keys append. */
const SECRET_NAME = /^(?:customerAuthenticator|contentKey|kek|ek)(?:\.\d+)?$/i;

/** Parameters by name as they are shown: a list where a name came more than once. */
export type ShownParameters = Record<string, string | string[]>;

/** What was given for one key. */
export type KeyParameters = Pick<TokenParameters, 'get' | 'has'>;

/** The number that the name of a service's key parameter carries, in digits. */
function numberOf(name: string, service: TokenService): string | undefined {
  const [, base, number] = /^(\w+)\.(0|[1-9]\d?)$/.exec(name) ?? [];
  return base !== undefined && NUMBERED_NAMES[service].includes(base) ? number : undefined;
}

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

  /** The names that were given, in order, and that a service does not read. */
  ignoredBy(service: TokenService): readonly string[] {
    const known: readonly string[] = PARAMETER_NAMES[service];
    return [...this.#valuesByName.keys()].filter((name) => !known.includes(name) && !numberOf(name, service));
  }

  /** The numbers that names of keys carry, in ascending order. */
  numbers(service: TokenService): readonly number[] {
    const found = [...this.#valuesByName.keys()]
      .map((name) => numberOf(name, service))
      .filter((text) => text !== undefined);
    return [...new Set(found.map(Number))].sort((one, other) => one - other);
  }

  /** What was given for one of several keys, by names without its number. */
  ofKey(number: number, service: TokenService): KeyParameters {
    const find = (name: ParameterName) => {
      if (!NUMBERED_NAMES[service].includes(name)) return this.get(name);
      return this.#valuesByName.get(`${name}.${number}`)?.[0] ?? (SHARED_NAMES.has(name) ? this.get(name) : undefined);
    };
    return { get: find, has: (name) => find(name) !== undefined };
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
