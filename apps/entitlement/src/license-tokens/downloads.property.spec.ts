// Whatever is asked for, in whatever order: no licence, kept or not, plays beyond its rental, or longer than an owner may keep it. What
// a licence allows is read from the request, as each DRM's documentation has it, and not from the code that made the request.
import type { TokenRequest } from '@app/expressplay';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Drm, DRMS, type OutputPolicy } from '../catalog/content.js';
import { isLive } from '../entitlements/entitlement.rules.js';
import type { Purchase, Rental } from '../purchases/purchase.js';
import { rental, START, t } from '../testing/rentals.js';
import { refusalOfTerms, type TermsSettings, tokenTerms } from './rights.js';
import { tokenRequest } from './token-request.js';

const DAY = 86_400;
const POLICY: OutputPolicy = {
  analogVideoOpl: 0,
  compressedDigitalAudioOpl: 0,
  compressedDigitalVideoOpl: 0,
  uncompressedDigitalAudioOpl: 0,
  uncompressedDigitalVideoOpl: 0,
  unknownOutputBehavior: null,
  outputControlFlags: null,
  offlineAllowed: true,
  offlineLicenseSeconds: null,
  playreadyMinCertSecurityLevel: null,
  widevineSecurityLevel: 1,
  widevineHdcp: 0,
  extensions: [],
  additionalParameters: [],
};
const KID = '0'.repeat(32);

type Reading = TermsSettings['WIDEVINE_LICENSE_DURATION'];

/** What is bought, if anything is. */
function buy(purchase: Purchase, at: Date, settings: TermsSettings, drm: Drm, offline: boolean, policy = POLICY) {
  if (!isLive(purchase, at, settings.RENTAL_END_RULE)) return undefined;
  if (refusalOfTerms(purchase, at, settings, { drm, offline }) !== undefined) return undefined;
  const terms = tokenTerms(purchase, at, settings, { drm, offline, policy });
  const content = { protectionScheme: 'cenc' as const, outputPolicy: policy };
  const source = { kind: 'clear' as const, contentKey: new Uint8Array(16) };
  const keys = [{ kid: KID, tracks: [], iv: KID, source, outputPolicy: null }];
  return { rights: terms.rights, request: tokenRequest({ drm, content, keys, ...terms, cookie: '' }) };
}

/** As the DRM has it. Only PlayReady and Widevine know persistent licences. */
function isKept(request: TokenRequest): boolean {
  if (request.drm === 'playready') return request.rights.type === 'rental' || request.rights.persistent;
  return request.drm === 'widevine' && request.persistent === true;
}

/**
 * The moment after which a licence plays nothing, in milliseconds, had its token been redeemed at a moment and had the licence been
 * started as late as it allows. A licence that is not kept and says nothing of its start is started when it is fetched.
 */
function lastMoment(request: TokenRequest, redeemedAt: number, reading: Reading): number {
  switch (request.drm) {
    case 'playready':
      // Sent in whole seconds.
      return request.rights.type === 'rental'
        ? Math.floor(request.rights.periodEndTime.getTime() / 1000) * 1000
        : Infinity;
    case 'fairplay':
      return redeemedAt + (request.rentalDurationSeconds ?? Infinity) * 1000;
    case 'widevine': {
      const { licenseDurationSeconds: license = Infinity, playbackDurationSeconds: playback = Infinity } = request;
      if (reading === 'time-to-start') return redeemedAt + (license + playback) * 1000;
      return isKept(request) ? Infinity : redeemedAt + license * 1000;
    }
  }
}

/** A token cannot be redeemed at the moment it expires, which is sent in whole seconds. */
const lastRedemption = (request: TokenRequest): number => Math.floor(request.expiresAt.getTime() / 1000) * 1000;

/** By the terms of sale alone. */
function saleEnds({ periodEndsAt, playDurationSeconds }: Rental, firstPlay: number, settings: TermsSettings): number {
  const window = firstPlay + playDurationSeconds * 1000;
  return settings.RENTAL_END_RULE === 'start-by' ? window : Math.min(window, periodEndsAt.getTime());
}

const settings: fc.Arbitrary<TermsSettings> = fc.record({
  RENTAL_END_RULE: fc.constantFrom('either', 'start-by'),
  TOKEN_TTL_SECONDS: fc.integer({ min: 1, max: 3600 }),
  WIDEVINE_GENERAL_FLAGS: fc.constantFrom('8-digits', '4-digits'),
  WIDEVINE_LICENSE_DURATION: fc.constantFrom('play-time', 'time-to-start'),
});
/** Seconds, as often a few as many; moments have milliseconds. */
const seconds = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 40 * DAY }));
const requests = fc.array(
  fc.record({
    /** Since the request before. */
    after: fc.oneof(
      fc.constant(0),
      seconds,
      fc.integer({ min: 0, max: 10_000 }).map((ms) => ms / 1000),
    ),
    drm: fc.constantFrom(...DRMS),
    offline: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

const DEFAULTS: TermsSettings = {
  RENTAL_END_RULE: 'either',
  TOKEN_TTL_SECONDS: 300,
  WIDEVINE_GENERAL_FLAGS: '8-digits',
  WIDEVINE_LICENSE_DURATION: 'play-time',
};

const OWNED: Purchase = { type: 'buy-to-own', id: 'owned', revokedAt: null };

describe('a rental', () => {
  it('ends when it ends, by whatever licences it was played, renewed or kept, and hardly before', () => {
    const kept = new Set<string>();
    const property = fc.property(
      settings,
      seconds,
      seconds,
      requests,
      fc.boolean(),
      (of, period, play, asked, offlineAllowed) => {
        const purchase = rental(period, play);
        let at = START;
        for (const { after, drm, offline } of asked) {
          at += after * 1000;
          const bought = buy(purchase, new Date(at), of, drm, offline, { ...POLICY, offlineAllowed });
          if (bought === undefined) continue;
          const { request, rights } = bought;
          purchase.firstPlayAt ??= new Date(at);
          const end = saleEnds(purchase, purchase.firstPlayAt.getTime(), of);
          expect(rights).toMatchObject({ type: 'rental', endsAt: new Date(end), persistent: isKept(request) });
          const last = lastMoment(request, lastRedemption(request), of.WIDEVINE_LICENSE_DURATION);
          expect(last).toBeLessThanOrEqual(end);
          const durations = Object.entries(request).filter(
            ([name, value]) => name.endsWith('DurationSeconds') && value !== undefined,
          );
          for (const [, duration] of durations) expect(duration).toBeGreaterThanOrEqual(1);
          // Moments go out in whole seconds, and durations are: one is lost to each.
          expect(last).toBeGreaterThan(end - 2000);
          if (isKept(request)) kept.add(`${drm} ${of.WIDEVINE_LICENSE_DURATION}`);
          if (isKept(request) && drm === 'widevine') expect([offline, offlineAllowed]).toEqual([true, true]);
        }
      },
    );
    fc.assert(property, { numRuns: 3000 });
    expect([...kept].toSorted()).toEqual(['playready play-time', 'playready time-to-start', 'widevine time-to-start']);
  });

  it('is refused a Widevine licence that has to be started in time when its last three seconds have begun', () => {
    const of: TermsSettings = { ...DEFAULTS, WIDEVINE_LICENSE_DURATION: 'time-to-start' };
    const started = rental(1000, 100, 0);
    const refused = (at: number) => refusalOfTerms(started, t(at), of, { drm: 'widevine', offline: false });
    expect([97, 97.001].map(refused)).toEqual([undefined, 'play-window-ended']);
    expect(refusalOfTerms(rental(2.5, 100), t(0), of, { drm: 'widevine', offline: true })).toBe('rental-period-ended');
    expect(refusalOfTerms(started, t(98), of, { drm: 'fairplay', offline: false })).toBeUndefined();
  });
});

describe('what an owner keeps', () => {
  const bounds = fc.option(fc.oneof(fc.integer({ min: 60, max: 300 }), fc.integer({ min: 60, max: 3650 * DAY })));

  it('ends as its policy says, where the licence can hold it, and the rights say so', () => {
    const ends = new Set<string>();
    const property = fc.property(settings, bounds, requests, fc.boolean(), (of, bound, asked, offlineAllowed) => {
      const policy = { ...POLICY, offlineAllowed, offlineLicenseSeconds: offlineAllowed ? bound : null };
      const reading = of.WIDEVINE_LICENSE_DURATION;
      let at = START;
      for (const { after, drm, offline } of asked) {
        at += after * 1000;
        const bought = buy(OWNED, new Date(at), of, drm, offline, policy);
        const isRefused = drm === 'widevine' && offline && of.WIDEVINE_GENERAL_FLAGS === '4-digits';
        expect(bought === undefined).toBe(isRefused);
        if (bought === undefined) continue;
        const { request, rights } = bought;
        expect(rights).toMatchObject({ type: 'buy-to-own', persistent: isKept(request) });
        expect(isKept(request)).toBe(offline && offlineAllowed && drm !== 'fairplay');
        const [first, last] = [at, lastRedemption(request)].map((redeemed) => lastMoment(request, redeemed, reading));
        if (!isKept(request) || bound === null) {
          expect([first, last, rights.endsAt, rights.playDurationSeconds]).toEqual([Infinity, Infinity, null, null]);
        } else if (drm === 'widevine' && reading === 'play-time') {
          // Play is all that such a licence counts.
          expect(rights).toMatchObject({ endsAt: null, playDurationSeconds: bound });
          expect(request).toMatchObject({ licenseDurationSeconds: bound });
        } else {
          expect(first).toBeLessThanOrEqual(at + bound * 1000);
          expect(last).toBeLessThanOrEqual(rights.endsAt?.getTime() ?? 0);
          expect(last).toBeGreaterThan(at + bound * 1000 - 2000);
          ends.add(drm);
        }
      }
    });
    fc.assert(property, { numRuns: 3000 });
    expect([...ends].toSorted()).toEqual(['playready', 'widevine']);
  });
});

describe('an account whose Widevine takes four digits alone', () => {
  it('is never sent eight', () => {
    const of: TermsSettings = { ...DEFAULTS, WIDEVINE_GENERAL_FLAGS: '4-digits' };
    for (const purchase of [OWNED, rental(1000, 100)]) {
      expect(buy(purchase, t(0), of, 'widevine', true)).toBeUndefined();
      expect(buy(purchase, t(0), of, 'widevine', false)?.request).toMatchObject({ persistent: undefined });
    }
    expect(refusalOfTerms(OWNED, t(0), of, { drm: 'widevine', offline: true })).toBe('offline-not-available');
  });
});
