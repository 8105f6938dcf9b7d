// The service's rules in short, as the hand-written contestants have them: which purchase entitles, to what, what is asked of
// ExpressPlay for it, and what the player is answered.
import { randomUUID } from 'node:crypto';
import type { IssuedToken } from '@app/expressplay';
import type { Content, OutputPolicy, TrackKey } from '../../apps/entitlement/src/catalog/content.js';
import type { Drm } from '../../apps/entitlement/src/catalog/content.js';
import type { LicenseToken } from '../../apps/entitlement/src/license-tokens/license-tokens.dto.js';

/** What a player asks for. */
export interface Order {
  userId: string;
  contentId: string;
  drm: Drm;
  offline: boolean;
}

/** A title with its output policy and its key. */
export type Title = Pick<Content, 'availableFrom' | 'withdrawnAt'> &
  Pick<TrackKey, 'kid' | 'iv' | 'tracks'> &
  OutputPolicy & { kekId: string; ek: Uint8Array | null };

/** Rented where it has a period. */
export interface Purchase {
  id: string;
  revokedAt: Date | null;
  periodEndsAt: Date | null;
  playDurationSeconds: number | null;
  firstPlayAt: Date | null;
  version: bigint | string;
  firstPlayResetId: string | null;
}

/** What is bought, recorded and answered. */
export interface Grant {
  id: string;
  decidedAt: Date;
  purchase: Purchase;
  /** Whether it starts a rental's clock. */
  starts: boolean;
  type: 'buy-to-own' | 'rental';
  endsAt: Date | null;
  playDurationSeconds: number | null;
  persistent: boolean;
  tokenExpiresAt: Date;
}

/** A request that ends without a token. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }
}

/** @returns undefined where nothing entitles */
export function decide(
  { drm, offline }: Order,
  title: Title,
  purchases: readonly Purchase[],
  { id, at }: { id: string; at: Date },
): Grant | undefined {
  const isAvailable = (title.availableFrom ?? at) <= at && (title.withdrawnAt === null || at < title.withdrawnAt);
  const purchase = isAvailable ? bestOf(purchases, at) : undefined;
  if (purchase === undefined) return undefined;
  const playready = drm === 'playready';
  const rented = purchase.periodEndsAt !== null;
  const left = rented ? secondsLeft(purchase, at) : Infinity;
  const life = rented ? Math.min(60, Math.floor(left / 2)) : 300;
  return {
    id,
    decidedAt: at,
    purchase,
    starts: rented && purchase.firstPlayAt === null,
    type: rented ? 'rental' : 'buy-to-own',
    endsAt: rented ? new Date(endWhenPlayed(purchase, at)) : null,
    playDurationSeconds: rented ? (playready ? left : left - life) : null,
    persistent: rented ? playready : drm !== 'fairplay' && offline && title.offlineAllowed,
    tokenExpiresAt: new Date((Math.floor(at.getTime() / 1000) + life) * 1000),
  };
}

export function newId(): string {
  return randomUUID().replaceAll('-', '');
}

/** What was bought, else the started rental that ends last, else the unstarted one whose period ends first. */
function bestOf(purchases: readonly Purchase[], at: Date): Purchase | undefined {
  let best: Purchase | undefined;
  for (const next of purchases) {
    if (next.revokedAt !== null) continue;
    if (next.periodEndsAt === null) return next;
    if (at >= next.periodEndsAt || secondsLeft(next, at) < 2) continue;
    if (best === undefined || isBetter(next, best, at)) best = next;
  }
  return best;
}

function isBetter(next: Purchase, best: Purchase, at: Date): boolean {
  if ((next.firstPlayAt === null) !== (best.firstPlayAt === null)) return next.firstPlayAt !== null;
  if (next.firstPlayAt !== null) return endWhenPlayed(next, at) > endWhenPlayed(best, at);
  return Number(next.periodEndsAt) < Number(best.periodEndsAt);
}

/** Of a rental, in milliseconds since 1970. */
function endWhenPlayed({ firstPlayAt, periodEndsAt, playDurationSeconds }: Purchase, at: Date): number {
  return Math.min(Number(periodEndsAt), (firstPlayAt ?? at).getTime() + Number(playDurationSeconds) * 1000);
}

function secondsLeft(rental: Purchase, at: Date): number {
  const left = Math.floor((endWhenPlayed(rental, at) - at.getTime()) / 1000);
  return Math.min(Number(rental.playDurationSeconds), left);
}

const SERVICES: Readonly<Record<Drm, string>> = { playready: 'pr', fairplay: 'fp', widevine: 'wv' };

/** Sent if there is a value. */
type Parameter = [name: string, value: string | number | null | undefined];

/** The path and the form of ExpressPlay's token request. */
export function tokenRequest(
  { drm }: Order,
  title: Title,
  grant: Grant,
  secrets: { authenticator: string; kek: string },
): { path: string; form: string } {
  const { playDurationSeconds: duration, endsAt, persistent } = grant;
  const extensions = title.extensions.filter((extension) => extension.drm === drm);
  const extensionsAs = (name: string) => extensions.map(({ type, payload }): Parameter => [name, `${type},${payload}`]);
  const own: Record<Drm, () => Parameter[]> = {
    playready: () => [
      ['rightsType', grant.type === 'rental' ? 'Rental' : 'BuyToOwn'],
      ['rental.periodEndTime', endsAt && seconds(endsAt)],
      ['rental.playDuration', duration],
      ['generalFlags', persistent ? '00000001' : null],
      ['kid', title.kid],
      ['analogVideoOPL', title.analogVideoOpl],
      ['compressedDigitalAudioOPL', title.compressedDigitalAudioOpl],
      ['compressedDigitalVideoOPL', title.compressedDigitalVideoOpl],
      ['uncompressedDigitalAudioOPL', title.uncompressedDigitalAudioOpl],
      ['uncompressedDigitalVideoOPL', title.uncompressedDigitalVideoOpl],
      ['unknownOutputBehavior', title.unknownOutputBehavior],
      ['outputControlFlags', title.outputControlFlags],
      ['extensionType', extensions[0]?.type],
      ['extensionPayload', extensions[0]?.payload],
    ],
    fairplay: () => [['iv', title.iv], ['rentalDuration', duration], ...extensionsAs('fpExtension')],
    widevine: () => [
      ['generalFlags', persistent ? '00000001' : null],
      ['kid', title.kid],
      ['securityLevel', title.widevineSecurityLevel],
      ['hdcpOutputControl', title.widevineHdcp],
      ['licenseDuration', duration],
      ...extensionsAs('wvExtension'),
    ],
  };
  const parameters: Parameter[] = [
    ['customerAuthenticator', secrets.authenticator],
    ['errorFormat', 'json'],
    ...own[drm](),
    ['kek', secrets.kek],
    ['ek', title.ek && Buffer.from(title.ek).toString('hex')],
    ['expirationTime', seconds(grant.tokenExpiresAt)],
    ['cookie', grant.id],
    ['useHttps', 'true'],
    ...title.additionalParameters
      .filter((parameter) => (parameter.drm ?? drm) === drm)
      .map(({ name, value }): Parameter => [name, value]),
  ];
  const form = new URLSearchParams();
  for (const [name, value] of parameters) if (value !== null && value !== undefined) form.append(name, String(value));
  return { path: `/hms/${SERVICES[drm]}/token`, form: form.toString() };
}

/** @throws Refusal when ExpressPlay's answer is none of its two shapes of a token */
export function readToken(status: number, body: string): IssuedToken {
  if (status === 200 && body.startsWith('{')) {
    const { licenseAcquisitionUrl: url, token } = JSON.parse(body) as {
      licenseAcquisitionUrl?: string;
      token?: string;
    };
    if (url && token) return { licenseUrl: `${url}?ExpressPlayToken=${token}`, licenseAcquisitionUrl: url, token };
  } else if (status === 200 && URL.canParse(body)) {
    const licenseUrl = body.trim();
    const token = new URL(licenseUrl).searchParams.get('ExpressPlayToken');
    if (token) return { licenseUrl, licenseAcquisitionUrl: licenseUrl.split('?', 1)[0] ?? '', token };
  }
  throw new Refusal(502, 'upstream-rejected');
}

/** The answer to the player. */
export function answerOf({ contentId, drm }: Order, title: Title, grant: Grant, token: IssuedToken): LicenseToken {
  const { id, type, endsAt, playDurationSeconds, persistent, tokenExpiresAt } = grant;
  return {
    id,
    contentId,
    drm,
    ...token,
    tokenExpiresAt: seconds(tokenExpiresAt),
    rights: { type, endsAt: endsAt && seconds(endsAt), playDurationSeconds, persistent },
    keys: [{ kid: title.kid, tracks: title.tracks }],
  };
}

function seconds(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`;
}
