// For each service the smallest valid request by the reference's tables. Keys are made at run time.
import { randomBytes } from 'node:crypto';
import { wrapKey } from '@app/expressplay';
import type { Service } from '../documented-codes.js';
import type { Parameters } from './parameters.js';

/** The moment at which the suite plays. */
export const NOW = new Date('2026-11-21T10:00:00.000Z');

/** Hex digits of this many random bytes. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

/** A KEK of this many bytes and a content key that is wrapped under it, in hex. */
export function wrappedKey(kekBytes: 16 | 24 | 32 = 16): { kek: string; ek: string } {
  const kek = randomBytes(kekBytes);
  return { kek: kek.toString('hex'), ek: Buffer.from(wrapKey(kek, randomBytes(16))).toString('hex') };
}

/** A KID under which a test has stored the wrapped key. */
export const STORED_KEY: { kid: string; kek: string; ek: string } = { kid: randomHex(16), ...wrappedKey() };

/** The licence parameters of each service: those that are required, with a clear key. */
export const VALID_REQUESTS: Readonly<Record<Service, Parameters>> = {
  playready: {
    rightsType: 'BuyToOwn',
    kid: randomHex(16),
    contentKey: randomHex(16),
    analogVideoOPL: '100',
    compressedDigitalAudioOPL: '200',
    compressedDigitalVideoOPL: '300',
    uncompressedDigitalAudioOPL: '400',
    uncompressedDigitalVideoOPL: '500',
  },
  fairplay: { iv: randomHex(16), contentKey: randomHex(16) },
  widevine: { kid: randomHex(16), contentKey: randomHex(16), securityLevel: '1', hdcpOutputControl: '0' },
};
