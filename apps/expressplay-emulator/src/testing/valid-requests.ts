// Valid token requests as parameters, which specs change one parameter at a time. Keys are made at run time.
import { randomBytes } from 'node:crypto';
import { wrapKey } from '@app/expressplay';
import { TokenParameters } from '../protocol/parameters.js';

/** Parameters by name: undefined leaves one out, a list repeats it. */
export type Asked = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Hex digits of this many random bytes. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

/** A fresh `kek` of this many bytes and an `ek` that was wrapped under it. */
export function wrappedKeyParameters(kekBytes: 16 | 24 | 32 = 16): { kek: string; ek: string } {
  const kek = randomBytes(kekBytes);
  return { kek: kek.toString('hex'), ek: Buffer.from(wrapKey(kek, randomBytes(16))).toString('hex') };
}

/** The moment that requests are made at. */
export const NOW = new Date('2026-11-21T10:00:00.000Z');

/** A KEK with what was wrapped under it, and another such pair. */
export const GOOD = wrappedKeyParameters();
export const OTHER = wrappedKeyParameters();

/** Takes the clear key out of a request. */
export const NO_KEY: Asked = { contentKey: undefined };

/** 32 characters, of which the last is no hex digit. */
export const HEX_32_BUT_ONE = `${randomHex(15)}0g`;

/** PlayReady's required licence parameters for a purchase. */
export const PLAYREADY_PURCHASE: Asked = {
  rightsType: 'BuyToOwn',
  kid: randomHex(16),
  contentKey: randomHex(16),
  analogVideoOPL: '100',
  compressedDigitalAudioOPL: '200',
  compressedDigitalVideoOPL: '300',
  uncompressedDigitalAudioOPL: '400',
  uncompressedDigitalVideoOPL: '500',
};

/** The same for a rental of an hour. */
export const PLAYREADY_RENTAL: Asked = {
  ...PLAYREADY_PURCHASE,
  rightsType: 'Rental',
  generalFlags: '00000001',
  'rental.periodEndTime': '+3600',
};

/** FairPlay's required licence parameters. */
export const FAIRPLAY_REQUEST: Asked = { iv: randomHex(16), contentKey: randomHex(16) };

/** Widevine's required licence parameters. */
export const WIDEVINE_REQUEST: Asked = {
  kid: randomHex(16),
  contentKey: randomHex(16),
  securityLevel: '1',
  hdcpOutputControl: '0',
};

/** The least that each service asks for. */
export const VALID = { playready: PLAYREADY_PURCHASE, fairplay: FAIRPLAY_REQUEST, widevine: WIDEVINE_REQUEST };

/** Names and values in order, repeated ones repeated. */
export function entriesOf(asked: Asked): [string, string][] {
  return Object.entries(asked).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((single): [string, string] => [name, single]),
  );
}

/** The request as the checks take it. */
export function parametersFrom(asked: Asked): TokenParameters {
  return new TokenParameters(entriesOf(asked));
}
