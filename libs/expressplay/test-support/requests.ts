// Valid requests for the client's tests, with keys made at run time, and the two shapes of their answers.
import { randomBytes } from 'node:crypto';
import type { FairPlayTokenRequest, PlayReadyTokenRequest, WidevineTokenRequest } from '../src/index.js';

/** A key of this many bytes, made at run time. */
export const randomKey = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export const KID = 'A1B2C3D4E5F60718293A4B5C6D7E8F90';

export const IV = '0F0E0D0C0B0A09080706050403020100';

export const KEK = randomKey(16);

export const EK = randomKey(24);

export const CONTENT_KEY = randomKey(16);

export const AUTHENTICATOR = `201722,${randomBytes(16).toString('hex')}`;

/** The moment that requests are made at. */
export const NOW = new Date('2026-12-01T09:00:00.500Z');

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export const playReadyRequest = (change: Partial<PlayReadyTokenRequest> = {}): PlayReadyTokenRequest => ({
  drm: 'playready',
  kid: KID,
  key: { kind: 'wrapped', kek: KEK, ek: EK },
  rights: { type: 'buy-to-own', persistent: false },
  opl: {
    analogVideo: 150,
    compressedDigitalAudio: 201,
    compressedDigitalVideo: 500,
    uncompressedDigitalAudio: 202,
    uncompressedDigitalVideo: 300,
  },
  expiresAt: new Date('2026-12-01T09:01:00.999Z'),
  ...change,
});

export const fairPlayRequest = (change: Partial<FairPlayTokenRequest> = {}): FairPlayTokenRequest => ({
  drm: 'fairplay',
  iv: IV,
  key: { kind: 'wrapped', kek: KEK, ek: EK },
  expiresAt: new Date('2026-12-01T09:01:00.999Z'),
  ...change,
});

export const widevineRequest = (change: Partial<WidevineTokenRequest> = {}): WidevineTokenRequest => ({
  drm: 'widevine',
  kid: KID,
  key: { kind: 'wrapped', kek: KEK, ek: EK },
  securityLevel: 1,
  hdcpOutputControl: 0,
  expiresAt: new Date('2026-12-01T09:01:00.999Z'),
  ...change,
});

/** PlayReady's. */
export const PAIR =
  '{"licenseAcquisitionUrl":"https://pr.test.expressplay.com/playready/RightsManager.asmx","token":"AQAA"}';

/** The others'. */
export const URI_LIST = 'https://fp.test.expressplay.com:80/hms/fp/rights/?ExpressPlayToken=AQAA';
